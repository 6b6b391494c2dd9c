# PyPI's groth16py as a program, for the tests.
#
#   python3 groth16.py prove ZKEY WTNS                 the proof as eight numbers in decimal, real parts first
#   python3 groth16.py verify VKEY PUBLIC PROOF        snarkjs' JSON; yes or no
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "python_modules"))
import groth16py

verb, *files = sys.argv[1:]
if verb == "prove":
    key, _ = groth16py.import_zkey(files[0])
    blob = groth16py.prove_wtns(key, files[1])
    ax, ay, bx1, bx0, by1, by0, cx, cy = (int.from_bytes(blob[i : i + 32], "big") for i in range(0, 256, 32))
    print(ax, ay, bx0, bx1, by0, by1, cx, cy)
elif verb == "verify":
    key = groth16py.VerifyingKey.from_snarkjs_file(files[0])
    public, proof = (open(name).read() for name in files[1:])
    print("yes" if groth16py.Verifier(key).verify_snarkjs(proof, public) else "no")
else:
    raise SystemExit("a verb is missing: prove or verify")

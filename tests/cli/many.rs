//! Many answers at once: of a folder, of a stream, each with its own line.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{flow::flow, harness::Folder};

/// Customs with a folder of answers: one that holds, one that was changed, one that was cut short, and something else.
fn customs() -> Folder {
    let customs = flow().customs.copy();
    fs::create_dir(customs.path("answers")).unwrap();
    let answer = customs.read("answer.json");
    let mut changed: Value = serde_json::from_slice(&answer).unwrap();
    let proof = changed["verdicts"][0]["chains"][0][0]["proof"].take();
    changed["verdicts"][0]["chains"][0][0]["proof"] = changed["verdicts"][0]["proof"].take();
    changed["verdicts"][0]["proof"] = proof;
    customs.write("answers/1-holds.json", &answer);
    customs.write("answers/2-changed.json", serde_json::to_vec(&changed).unwrap());
    customs.write("answers/3-cut.json", &answer[..answer.len() / 2]);
    customs.write("answers/readme.txt", "no answer");
    customs
}

#[test]
fn a_folder_of_answers() {
    let customs = customs();
    let run = customs.run(&["verify", "answers", "--request", "request.json"]);
    insta::assert_snapshot!("verify-folder", run.shown());
    let run = customs.run(&["verify", "answers", "--request", "request.json", "--json"]);
    assert_eq!(run.status, 1);
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<(&str, bool)> =
        lines.iter().map(|line| (line["answer"].as_str().unwrap(), line["valid"].as_bool().unwrap())).collect();
    assert_eq!(said, [("1-holds.json", true), ("2-changed.json", false), ("3-cut.json", false)]);
    assert!(lines[0]["accepted_before"].is_string() && lines[0]["third_party"] == false);
    assert!(lines[1]["error"].as_str().unwrap().contains("the holder signed other proofs"));

    // Of the same folder without those that do not hold, all is well; alone it says the same.
    fs::remove_file(customs.path("answers/2-changed.json")).unwrap();
    fs::remove_file(customs.path("answers/3-cut.json")).unwrap();
    customs.ok(&["verify", "answers", "--request", "request.json"]);
    assert!(customs.ok(&["verify", "answer.json", "--request", "request.json"]).stdout.contains("already accepted"));

    // Passed on, for whom it was made is said of each.
    let run = customs.ok(&["verify", "answers"]);
    assert!(run.stdout.contains("not for you") && run.stderr.contains("without --request"), "{}", run.stdout);
}

#[test]
fn each_answer_is_matched_with_its_own_request() {
    let customs = customs();
    fs::remove_file(customs.path("answers/2-changed.json")).unwrap();
    fs::remove_file(customs.path("answers/3-cut.json")).unwrap();
    fs::create_dir(customs.path("requests")).unwrap();
    let other = ["request", "eu-entry.toml", "--key", "customs.key", "-o", "requests/other.json"];
    customs.ok(&other);
    customs.fails(1, "answers that do not hold: 1 of 1", &["verify", "answers", "--request", "requests"]);
    let run = customs.run(&["verify", "answers", "--request", "requests"]);
    assert!(run.stdout.contains("answers another request than yours"), "{}", run.stdout);
    customs.write("requests/mine.json", customs.read("request.json"));
    let run = customs.ok(&["verify", "answers", "--request", "requests"]);
    assert!(run.stdout.starts_with("valid ") && run.stdout.contains("asked by"), "{}", run.stdout);

    customs.fails(
        2,
        "requests is a folder, and there is one answer",
        &["verify", "answer.json", "--request", "requests"],
    );
    fs::create_dir(customs.path("nothing")).unwrap();
    customs.fails(3, "nothing has no .json file", &["verify", "nothing"]);
    customs.fails(3, "nothing has no .json file", &["verify", "answers", "--request", "nothing"]);
    customs.write("requests/broken.json", "{}");
    customs.fails(3, "broken.json", &["verify", "answers", "--request", "requests"]);
}

/// Runs with a text on standard input.
fn with_input(folder: &Folder, input: &[u8], words: &[&str]) -> (i32, Vec<Value>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_consign"))
        .args(words)
        .current_dir(folder.path("."))
        .env("CONSIGN_HOME", "home")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // More than it reads ahead must not stop it: it is written while it runs.
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code().unwrap(), lines, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_stream_of_answers() {
    let customs = customs();
    let (holds, changed) = (customs.read("answers/1-holds.json"), customs.read("answers/2-changed.json"));
    let words = ["verify", "-", "--stream", "--request", "request.json", "--json"];
    // More than a batch, with and without line breaks between.
    let many = [holds.trim_ascii_end(), &holds, b"\r\n", &changed, b"{}"].concat().repeat(70);
    let (status, lines, stderr) = with_input(&customs, &many, &words);
    assert_eq!((status, lines.len()), (1, 280), "{stderr}");
    for (i, line) in lines.iter().enumerate() {
        assert_eq!(line["answer"], (i + 1).to_string());
        assert_eq!(line["valid"], i % 4 < 2, "{line}");
    }
    assert!(lines[0]["accepted_before"].is_null() && lines[1]["accepted_before"].is_string());
    assert!(stderr.contains("error: answers that do not hold: 140 of 280\n"), "{stderr}");
    let (status, lines, _) = with_input(&customs, &holds.repeat(3), &words);
    assert_eq!((status, lines.len()), (0, 3));
    let (status, lines, _) = with_input(&customs, b" \n", &words);
    assert_eq!((status, lines.len()), (0, 0));

    // What stands before something else is verified; the rest cannot be.
    let broken = [&holds[..], b"[]", &holds].concat();
    let (status, lines, stderr) = with_input(&customs, &broken, &words);
    assert_eq!((status, lines.len()), (3, 1));
    assert!(stderr.contains("error: -: after 1 answer, at byte"), "{stderr}");
    let (status, lines, stderr) = with_input(&customs, &[&holds[..], &holds[..99]].concat(), &words);
    assert_eq!((status, lines.len()), (3, 1));
    assert!(stderr.contains("error: -: it ends within an answer, after 1 answer"), "{stderr}");

    // From a file; and a file of two is no single answer.
    customs.write("two", holds.repeat(2));
    let run = customs.ok(&["verify", "two", "--stream"]);
    assert_eq!(run.stdout.lines().count(), 2);
    customs.fails(3, "trailing", &["verify", "two", "--request", "request.json"]);
    customs.fails(3, "no-such-file", &["verify", "no-such-file", "--stream"]);
}

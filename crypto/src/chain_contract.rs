//! A contract on an EVM chain, to which a verdict can be bound: no other contract and no other chain accepts the proof.
//!
//! In text `ID:0xADDRESS`, in JSON `{"id": …, "contract": "0x…"}`, in a verdict's context its 28 bytes. Sources: EIP-155
//! (chain ids), the Solidity ABI (addresses).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Largest id of a chain: what every reader of JSON holds exactly. EIP-2294 allows more, and no chain has it.
pub const MAX_CHAIN_ID: u64 = (1 << 53) - 1;
/// Bytes of an address.
pub const ADDRESS_BYTES: usize = 20;
/// Bytes of [`ChainContract::to_bytes`].
pub const BYTES: usize = 8 + ADDRESS_BYTES;

/// A contract on a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct ChainContract {
    id: u64,
    address: [u8; ADDRESS_BYTES],
}

/// Why something is no contract on a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainContractError {
    /// The text has another form.
    #[error("{0:?} has another form than ID:0xADDRESS")]
    Form(String),
    /// The id is no number, or out of range.
    #[error("{0:?} is no chain id: a number from 1 to {MAX_CHAIN_ID}")]
    Id(String),
    /// The address has another spelling.
    #[error("{0:?} is no address: 0x and {digits} hexadecimal digits", digits = 2 * ADDRESS_BYTES)]
    Address(String),
}

impl ChainContract {
    /// The contract at an address.
    ///
    /// # Errors
    /// [`ChainContractError::Id`] unless the id is from 1 to [`MAX_CHAIN_ID`].
    pub fn new(id: u64, address: [u8; ADDRESS_BYTES]) -> Result<ChainContract, ChainContractError> {
        if !(1..=MAX_CHAIN_ID).contains(&id) {
            return Err(ChainContractError::Id(id.to_string()));
        }
        Ok(ChainContract { id, address })
    }

    /// The chain's id (EIP-155).
    pub fn id(&self) -> u64 {
        self.id
    }
    /// The contract's address.
    pub fn address(&self) -> &[u8; ADDRESS_BYTES] {
        &self.address
    }
    /// As it is hashed: the id in 8 bytes, most significant first, then the address.
    pub fn to_bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(&self.id.to_be_bytes());
        bytes[8..].copy_from_slice(&self.address);
        bytes
    }
}

/// The address in `0x` and 40 hexadecimal digits of either case.
fn address(text: &str) -> Option<[u8; ADDRESS_BYTES]> {
    let mut address = [0; ADDRESS_BYTES];
    hex::decode_to_slice(text.strip_prefix("0x")?, &mut address).ok()?;
    Some(address)
}

fn quoted(text: &str) -> String {
    crate::strict_json::printable(text, 80)
}

impl fmt::Display for ChainContract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:0x{}", self.id, hex::encode(self.address))
    }
}

impl FromStr for ChainContract {
    type Err = ChainContractError;

    /// Reads `ID:0xADDRESS`. The digits of the address may have either case; a checksum in their case is not looked at.
    fn from_str(text: &str) -> Result<ChainContract, ChainContractError> {
        let (id, contract) = text.split_once(':').ok_or_else(|| ChainContractError::Form(quoted(text)))?;
        let number = id.parse().ok().filter(|number: &u64| number.to_string() == id);
        let number = number.ok_or_else(|| ChainContractError::Id(quoted(id)))?;
        let address = address(contract).ok_or_else(|| ChainContractError::Address(quoted(contract)))?;
        ChainContract::new(number, address)
    }
}

/// The form in JSON: one spelling, in lower case.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    id: u64,
    contract: String,
}

impl TryFrom<Form> for ChainContract {
    type Error = ChainContractError;
    fn try_from(form: Form) -> Result<ChainContract, ChainContractError> {
        let lower = !form.contract.bytes().any(|b| b.is_ascii_uppercase());
        let address = address(&form.contract).filter(|_| lower);
        ChainContract::new(form.id, address.ok_or_else(|| ChainContractError::Address(quoted(&form.contract)))?)
    }
}

impl From<ChainContract> for Form {
    fn from(chain: ChainContract) -> Form {
        Form { id: chain.id, contract: format!("0x{}", hex::encode(chain.address)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "0x00112233445566778899aabbccddeeff00112233";

    #[test]
    fn text_json_and_bytes() {
        let chain: ChainContract = format!("137:{ADDRESS}").parse().unwrap();
        assert_eq!((chain.id(), chain.to_string()), (137, format!("137:{ADDRESS}")));
        assert_eq!(chain, format!("137:{}", ADDRESS.replace("aabbcc", "AaBbCC")).parse().unwrap());
        assert_eq!(hex::encode(chain.to_bytes()), format!("0000000000000089{}", &ADDRESS[2..]));
        let json = serde_json::to_string(&chain).unwrap();
        assert_eq!(json, format!("{{\"id\":137,\"contract\":\"{ADDRESS}\"}}"));
        assert_eq!(serde_json::from_str::<ChainContract>(&json).unwrap(), chain);
        assert!(serde_json::from_str::<ChainContract>(&json.replace("aabb", "AABB")).is_err());
        assert!(serde_json::from_str::<ChainContract>(&json.replace("137", "0")).is_err());
    }

    #[test]
    fn what_is_none() {
        type E = ChainContractError;
        let read = |text: &str| text.parse::<ChainContract>().unwrap_err();
        assert_eq!(read(ADDRESS), E::Form(ADDRESS.into()));
        for id in ["0", "01", "+1", "", "9007199254740992", "99999999999999999999"] {
            assert_eq!(read(&format!("{id}:{ADDRESS}")), E::Id(id.into()));
        }
        for address in [&ADDRESS[2..], &ADDRESS[..41], &format!("{ADDRESS}0"), &ADDRESS.replace("aa", "gg"), ""] {
            assert_eq!(read(&format!("1:{address}")), E::Address(address.into()));
        }
    }
}

//! An EVM with its state: transactions, calls, and the errors they revert with.

use std::collections::HashMap;

use alloy_primitives::{Address, Bytes, TxKind, U256};
use alloy_sol_types::SolError;
use revm::{
    Context, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext, MainnetEvm,
    context::{TxEnv, result::ExecutionResult},
    database::InMemoryDB,
    handler::MainnetContext,
    primitives::hardfork::SpecId,
};

/// Gas that a transaction may use: the limit of EIP-7825.
pub const GAS_LIMIT: u64 = 1 << 24;

/// A chain of one's own.
pub struct Chain {
    evm: MainnetEvm<MainnetContext<InMemoryDB>>,
    id: u64,
    nonces: HashMap<Address, u64>,
}

/// What a call that succeeded did.
#[derive(Debug)]
pub struct Done {
    pub output: Bytes,
    pub gas: u64,
    pub logs: Vec<alloy_primitives::Log>,
    pub created: Option<Address>,
}

/// What a call that failed reverted with.
#[derive(Debug)]
pub struct Reverted(pub Bytes);

impl Reverted {
    /// The custom error, which must be this one.
    pub fn error<E: SolError>(&self) -> E {
        E::abi_decode(&self.0).unwrap_or_else(|e| panic!("not {}: {} ({e})", E::SIGNATURE, self.0))
    }
}

impl Chain {
    pub fn new(id: u64, now: u64) -> Chain {
        let evm = Context::mainnet()
            .with_db(InMemoryDB::default())
            .modify_cfg_chained(|cfg| {
                cfg.set_spec_and_mainnet_gas_params(SpecId::OSAKA);
                cfg.chain_id = id;
            })
            .modify_block_chained(|block| {
                block.timestamp = U256::from(now);
                block.basefee = 0;
            })
            .build_mainnet();
        Chain { evm, id, nonces: HashMap::new() }
    }

    /// Goes on at another time.
    pub fn at(&mut self, now: u64) {
        self.evm.ctx.block.timestamp = U256::from(now);
    }

    fn transaction(&self, from: Address, kind: TxKind, data: Vec<u8>) -> TxEnv {
        let nonce = self.nonces.get(&from).copied().unwrap_or(0);
        let builder = TxEnv::builder().caller(from).kind(kind).data(data.into()).nonce(nonce);
        builder.chain_id(Some(self.id)).gas_limit(GAS_LIMIT).gas_price(0).build().unwrap()
    }

    /// A transaction, whose effects stay.
    pub fn send(&mut self, from: Address, to: Address, data: Vec<u8>) -> Result<Done, Reverted> {
        let transaction = self.transaction(from, TxKind::Call(to), data);
        *self.nonces.entry(from).or_default() += 1;
        outcome(self.evm.transact_commit(transaction).unwrap())
    }

    /// A call, which changes nothing.
    pub fn call(&mut self, from: Address, to: Address, data: Vec<u8>) -> Result<Done, Reverted> {
        let transaction = self.transaction(from, TxKind::Call(to), data);
        outcome(self.evm.transact(transaction).unwrap().result)
    }

    /// A new contract.
    pub fn deploy(&mut self, from: Address, data: Vec<u8>) -> Result<Done, Reverted> {
        let transaction = self.transaction(from, TxKind::Create, data);
        *self.nonces.entry(from).or_default() += 1;
        outcome(self.evm.transact_commit(transaction).unwrap())
    }
}

fn outcome(result: ExecutionResult) -> Result<Done, Reverted> {
    let gas = result.tx_gas_used();
    match result {
        ExecutionResult::Success { logs, output, .. } => {
            let created = output.address().copied();
            Ok(Done { output: output.into_data(), gas, logs, created })
        }
        ExecutionResult::Revert { output, .. } => Err(Reverted(output)),
        ExecutionResult::Halt { reason, .. } => panic!("halted: {reason:?}"),
    }
}

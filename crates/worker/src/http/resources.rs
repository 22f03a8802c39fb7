//! Resources: lists and single things, as JSON.

use super::problem::Failure;
use crate::context::Context;
use crate::feed::{Kept, block_document};
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use std::str::FromStr;
use std::sync::Arc;
use tallow_api::{
    AccountDocument, AnchorPage, BlockDocument, BlockPage, ClusterDocument, ClusterPage, Code, CodeDocument, CodePage,
    ContractDocument, ContractPage, PolicyDocument, ReceiptPage, Runtime, TimersDocument,
};
use tallow_engine::ContractInfo;
use tallow_types::limits::{PAGE_ITEMS, PAGE_ITEMS_MAX};
use tallow_types::{AccountId, ClusterId, ClusterPolicy, CodeHash, CommandId, Compat, FeedContent, RegistryKey};

type Shared = State<Arc<Context>>;
type Answer<T> = Result<Json<T>, Failure>;
type PathText = Result<Path<String>, PathRejection>;
type PageQuery = Result<Query<Page>, QueryRejection>;

/// Which page of a list.
#[derive(Deserialize)]
pub(crate) struct Page {
    limit: Option<usize>,
    after: Option<String>,
}

/// A page that is asked for: how many, and behind what.
struct Wanted<T> {
    limit: usize,
    after: Option<T>,
}

fn wanted<T: FromStr<Err: ToString>>(query: PageQuery) -> Result<Wanted<T>, Failure> {
    let Query(Page { limit, after }) = query.map_err(|rejection| malformed(rejection.body_text()))?;
    let limit = limit.unwrap_or(PAGE_ITEMS);
    if limit == 0 || limit > PAGE_ITEMS_MAX {
        return Err(malformed(format!("limit is 1 to {PAGE_ITEMS_MAX}")));
    }
    let after = after.map(|text| text.parse().map_err(|error: T::Err| cursor(error.to_string()))).transpose()?;
    Ok(Wanted { limit, after })
}

fn malformed(detail: impl ToString) -> Failure {
    Failure::new(Code::Malformed, detail)
}

fn cursor(error: impl std::fmt::Display) -> Failure {
    malformed(format!("after is not the `next` of an earlier page: {error}"))
}

fn parse<T: FromStr<Err: ToString>>(path: PathText) -> Result<T, Failure> {
    let Path(text) = path.map_err(|rejection| malformed(rejection.body_text()))?;
    text.parse().map_err(|error: T::Err| malformed(error.to_string()))
}

fn missing(what: &str) -> Failure {
    Failure::new(Code::NotFound, what)
}

/// The items of a page out of one more than that, and the cursor of the next.
fn cut<T>(mut items: Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(cursor);
    (items, next)
}

pub(crate) async fn account(State(context): Shared, account: PathText) -> Answer<AccountDocument> {
    let account: AccountId = parse(account)?;
    let contract = context.published.state().contract(&account).is_some();
    let ask = context.ledger.ask(RegistryKey::Balance(account), move |light, record| light.balance(account, record));
    let (balance, _) = ask.await.map_err(|error| Failure::new(Code::Unavailable, error))?;
    let ledger_nonce = context.ledger.raw().nonce(&account);
    Ok(Json(AccountDocument { account, ledger_nonce, ledger_balance: balance.to_string(), contract }))
}

pub(crate) async fn clusters(State(context): Shared, page: PageQuery) -> Answer<ClusterPage> {
    let Wanted { after, .. } = wanted::<ClusterId>(page)?;
    let own = cluster_document(&context);
    let items = if after.is_some_and(|after| own.cluster <= after) { vec![] } else { vec![own] };
    Ok(Json(ClusterPage { items, next: None }))
}

pub(crate) async fn cluster(State(context): Shared, id: PathText) -> Answer<ClusterDocument> {
    let own = cluster_document(&context);
    if parse::<ClusterId>(id)? == own.cluster {
        return Ok(Json(own));
    }
    Err(missing("this worker hosts no replica of that cluster; the registry has its record"))
}

fn cluster_document(context: &Context) -> ClusterDocument {
    let (genesis, state) = (context.cluster.genesis(), context.published.state());
    ClusterDocument {
        cluster: genesis.cluster,
        network: genesis.network,
        epoch: genesis.epoch,
        epoch_key: format!("0x{}", hex::encode(context.cluster.epoch_public())),
        members: genesis.members.clone(),
        height: state.position().height,
        anchored_height: context.anchored_height(),
        inbox_taken: state.next_message(),
        contracts: state.contracts_len() as u64,
        policy: policy_document(&state.policy()),
    }
}

fn policy_document(policy: &ClusterPolicy) -> PolicyDocument {
    let ClusterPolicy { gas_price, byte_price, funded_min } = policy;
    let [gas_price, byte_price, funded_min] = [gas_price, byte_price, funded_min].map(ToString::to_string);
    PolicyDocument { gas_price, byte_price, funded_min }
}

pub(crate) async fn contracts(State(context): Shared, page: PageQuery) -> Answer<ContractPage> {
    let Wanted { limit, after } = wanted(page)?;
    let state = context.published.state();
    let found = state.contracts_after(after).take(limit + 1).map(|(address, info)| contract_document(address, &info));
    let (items, next) = cut(found.collect(), limit, |item: &ContractDocument| item.contract.to_string());
    Ok(Json(ContractPage { items, next }))
}

pub(crate) async fn contract(State(context): Shared, address: PathText) -> Answer<ContractDocument> {
    let address: AccountId = parse(address)?;
    let info = context.published.state().contract(&address);
    let info = info.ok_or_else(|| missing("there is no such contract in this cluster"))?;
    Ok(Json(contract_document(address, &info)))
}

fn contract_document(contract: AccountId, info: &ContractInfo) -> ContractDocument {
    let compat = match info.compat {
        Compat::Tallow => Runtime::Tallow,
        Compat::Phala => Runtime::Phala,
    };
    ContractDocument { contract, code: info.code, deployer: info.deployer, compat, public_events: info.public_events }
}

pub(crate) async fn codes(State(context): Shared, page: PageQuery) -> Answer<CodePage> {
    let Wanted { limit, after } = wanted(page)?;
    let state = context.published.state();
    let found = state.codes_after(after).take(limit + 1).map(|code| code_document(&context, code));
    let (items, next) = cut(found.collect(), limit, |item: &CodeDocument| item.code.to_string());
    Ok(Json(CodePage { items, next }))
}

pub(crate) async fn code(State(context): Shared, hash: PathText) -> Answer<CodeDocument> {
    let hash: CodeHash = parse(hash)?;
    if !context.published.state().has_code(&hash) {
        return Err(missing("no contract can be made of such code in this cluster"));
    }
    Ok(Json(code_document(&context, hash)))
}

fn code_document(context: &Context, code: CodeHash) -> CodeDocument {
    let bytes = context.codes.size(&code);
    CodeDocument { code, bytes, available: bytes.is_some() }
}

pub(crate) async fn blocks(State(context): Shared, page: PageQuery) -> Answer<BlockPage> {
    let Wanted { limit, after } = wanted::<u64>(page)?;
    let found = context.published.feed.blocks_below(after.unwrap_or(u64::MAX), limit + 1);
    // Certificates are for those who ask for one block: a list of them would be large.
    let listed = found.iter().filter_map(|kept| Some(BlockDocument { certified: None, ..document(kept)? }));
    let (items, next) = cut(listed.collect(), limit, |item: &BlockDocument| item.height.to_string());
    Ok(Json(BlockPage { items, next }))
}

pub(crate) async fn block(State(context): Shared, height: PathText) -> Answer<BlockDocument> {
    let kept = context.published.feed.block(parse(height)?);
    let document = kept.and_then(|kept| document(&kept));
    document.map(Json).ok_or_else(|| missing("there is no such block yet, or it is older than those that are kept"))
}

fn document(kept: &Kept) -> Option<BlockDocument> {
    match &kept.item.content {
        FeedContent::Block { certified, entries, receipts } => Some(block_document(certified, *entries, *receipts)),
        _ => None,
    }
}

pub(crate) async fn receipts(State(context): Shared, page: PageQuery) -> Answer<ReceiptPage> {
    let Wanted { limit, after } = wanted::<CommandId>(page)?;
    let found = context.published.recent(after.as_ref(), limit + 1);
    let found = found.ok_or_else(|| missing("the receipt after which the page begins is no longer kept"))?;
    let summaries = found.iter().map(crate::final_state::Completed::summary).collect();
    let (items, next) = cut(summaries, limit, |item: &tallow_api::ReceiptSummary| item.id.to_string());
    Ok(Json(ReceiptPage { items, next }))
}

pub(crate) async fn timers(State(context): Shared) -> Json<TimersDocument> {
    let state = context.published.state();
    Json(TimersDocument { timers: state.timers_len() as u64, waiting: state.waiting_len() as u64 })
}

pub(crate) async fn anchors(State(context): Shared, page: PageQuery) -> Answer<AnchorPage> {
    let Wanted { limit, after } = wanted::<u64>(page)?;
    let found = context.anchors_below(after.unwrap_or(u64::MAX), limit + 1);
    let (items, next) = cut(found, limit, |item| item.height.to_string());
    Ok(Json(AnchorPage { items, next }))
}

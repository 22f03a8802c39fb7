//! Commands: signed, sealed, sent, and followed to their receipt.

use crate::{Client, ClientError, Rejection, Signer, VerifiedReceipt, http::Answer, http::Budget, now_ms};
use parity_scale_codec::Encode;
use reqwest::StatusCode;
use std::convert::Infallible;
use std::time::{Duration, Instant};
use tallow_api::{Accepted, Code, ReceiptAnswer};
use tallow_crypto::{Statement, command_id, random_bytes};
use tallow_telemetry::span;
use tallow_types::limits::{ACT_GAS_MAX, COMMAND_EXPIRY_MS_MAX, COMMAND_GAS_MAX, POLL_TIME_MS_MAX};
use tallow_types::{Action, Command, CommandId, SealedCommand, SignedCommand, decode_exact};
use tracing::Instrument;

/// Milliseconds after which a command that was not ordered has no effect, when nothing else is said: far from the
/// limit, since clocks differ.
const EXPIRY_MS: u64 = COMMAND_EXPIRY_MS_MAX / 2;
/// Milliseconds one long-poll asks the worker to wait.
const POLL_MS: u64 = POLL_TIME_MS_MAX / 2;
/// Milliseconds between two questions for a receipt that the worker does not wait for as it was asked.
const POLL_PAUSE: Duration = Duration::from_millis(20);

/// How long after a request there is time to prepare for the next one: on a small machine that runs the worker too, this
/// would delay its work at first; then the worker waits for its disk.
const SEALER_PAUSE: Duration = Duration::from_millis(1);

/// What a command shall do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandDraft {
    /// What it does.
    pub action: Action,
    /// Balance moved to the contract.
    pub value: u128,
    /// Most gas it may use.
    pub gas_limit: u64,
    /// Its nonce; a random one when none is given.
    pub nonce: Option<u64>,
    /// Milliseconds since the Unix epoch after which it has no effect; some minutes from now when none is given.
    pub expiry_ms: Option<u64>,
}

impl CommandDraft {
    /// With no value and as much gas as such an action may use: for one that runs a contract the most there is.
    pub fn new(action: Action) -> Self {
        let gas_limit = if runs_contract(&action) { COMMAND_GAS_MAX } else { ACT_GAS_MAX };
        Self { action, value: 0, gas_limit, nonce: None, expiry_ms: None }
    }

    /// With this value.
    pub fn value(self, value: u128) -> Self {
        Self { value, ..self }
    }

    /// With at most this much gas.
    pub fn gas_limit(self, gas_limit: u64) -> Self {
        Self { gas_limit, ..self }
    }
}

fn runs_contract(action: &Action) -> bool {
    match action {
        Action::Call { .. } | Action::Instantiate { .. } | Action::InstantiateUpgradable { .. } => true,
        Action::Upgrade { migrate, .. } => migrate.is_some(),
        _ => false,
    }
}

/// A signed command. Sending it twice has the effect of sending it once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PreparedCommand {
    signed: SignedCommand,
    id: CommandId,
}

impl PreparedCommand {
    /// The command's id, known before it is sent.
    pub fn id(&self) -> CommandId {
        self.id
    }

    /// The key that opens the outcome. Whoever wants to read the receipt later keeps it.
    pub fn response_key(&self) -> [u8; 32] {
        self.signed.command.response_key
    }
}

impl Client {
    /// Makes a command for this client's cluster and lets `caller` sign it.
    ///
    /// # Errors
    /// [`ClientError::Signer`] when it does not.
    pub async fn prepare<S: Signer + ?Sized>(
        &self,
        caller: &S,
        draft: CommandDraft,
    ) -> Result<PreparedCommand, ClientError> {
        let command = Command {
            network: self.network(),
            cluster: self.cluster_id(),
            caller: caller.caller_key(),
            action: draft.action,
            value: draft.value,
            gas_limit: draft.gas_limit,
            nonce: draft.nonce.unwrap_or_else(|| u64::from_le_bytes(random_bytes())),
            expiry_ms: draft.expiry_ms.unwrap_or_else(|| now_ms().saturating_add(EXPIRY_MS)),
            response_key: random_bytes(),
        };
        let id = command_id(&command);
        let authority = caller.authorise(Statement::Command(&command)).await?;
        Ok(PreparedCommand { signed: SignedCommand { command, authority }, id })
    }

    /// Signs a command, sends it, and waits for its receipt.
    pub async fn command<S: Signer + ?Sized>(
        &self,
        caller: &S,
        draft: CommandDraft,
    ) -> Result<VerifiedReceipt, ClientError> {
        self.send(&self.prepare(caller, draft).await?).await
    }

    /// Sends a command and waits for its receipt.
    ///
    /// # Errors
    /// After [`ClientError::NoReceipt`], [`ClientError::Timeout`] and [`ClientError::Unreachable`] the command may
    /// still take effect; to send it again, or to ask for its receipt by [`Client::receipt`], is safe.
    pub async fn send(&self, command: &PreparedCommand) -> Result<VerifiedReceipt, ClientError> {
        self.send_and_follow(command).instrument(span!("command", tallow.command = %command.id)).await
    }

    async fn send_and_follow(&self, command: &PreparedCommand) -> Result<VerifiedReceipt, ClientError> {
        let deadline = Instant::now() + self.patience().receipt;
        let mut answer = self.submit(command, deadline).await?;
        loop {
            if let Some(receipt) = receipt_answer(answer, command.id)? {
                return span!("verify").in_scope(|| self.believe(command.id, &command.response_key(), receipt));
            }
            answer = self
                .poll(command.id, false, deadline)
                .await?
                .ok_or(ClientError::NoReceipt { id: command.id, after: self.patience().receipt })?;
        }
    }

    /// Posts a command. One that was taken before is followed like a new one.
    async fn submit(&self, command: &PreparedCommand, deadline: Instant) -> Result<Answer, ClientError> {
        let error = match self.post(command, deadline).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match (&error, error.code()) {
            (_, Some(Code::EnvelopeRefused)) => {
                // The cluster's epoch key may be a new one.
                self.refresh().await?;
                self.post(command, deadline).await
            }
            // The connection may have broken after the command was taken.
            (ClientError::Unreachable { source, .. }, _) if !source.is_connect() => {
                self.post(command, deadline).await.or_else(follow_if_seen(command.id))
            }
            _ => Err(error).or_else(follow_if_seen(command.id)),
        }
    }

    async fn post(&self, command: &PreparedCommand, deadline: Instant) -> Result<Answer, ClientError> {
        let sealed = self.seal(command)?;
        let wait = poll_time(deadline);
        let path = format!("v1/commands?wait_ms={}", wait.as_millis());
        let sending = self.http().post(&path, sealed.encode(), Budget::ANSWER.waiting(wait));
        tokio::select! {
            biased;
            answer = sending => answer,
            never = self.make_sealer_ready() => match never {},
        }
    }

    fn seal(&self, command: &PreparedCommand) -> Result<SealedCommand, ClientError> {
        let known = self.known();
        let record = &known.cluster.record;
        let sealer = self.sealer().take(&record.epoch_key);
        let sealed =
            sealer.and_then(|sealer| sealer.seal(&self.network(), &record.cluster, record.epoch, &command.signed));
        sealed.map_err(crate::error::too_large("command"))
    }

    /// Prepares for the next command while this one is under way.
    async fn make_sealer_ready(&self) -> Infallible {
        tokio::time::sleep(SEALER_PAUSE).await;
        self.sealer().prepare(&self.known().cluster.record.epoch_key);
        std::future::pending().await
    }

    /// Asks once for a receipt; `None` when the time is over.
    pub(crate) async fn poll(
        &self,
        id: CommandId,
        anchored: bool,
        deadline: Instant,
    ) -> Result<Option<Answer>, ClientError> {
        let wait = poll_time(deadline);
        if wait.is_zero() {
            return Ok(None);
        }
        let began = Instant::now();
        let path = format!("v1/receipts/{id}?wait_ms={}&anchored={anchored}", wait.as_millis());
        let answer = self.http().get(&path, Budget::ANSWER.waiting(wait)).await?;
        if answer.status == StatusCode::ACCEPTED && began.elapsed() < POLL_PAUSE.min(wait) {
            tokio::time::sleep(POLL_PAUSE.min(wait)).await;
        }
        Ok(Some(answer))
    }
}

/// How long the worker is asked to wait.
fn poll_time(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).min(Duration::from_millis(POLL_MS))
}

/// A command that was ordered before has its receipt; the answer that says so is as good as "accepted".
fn follow_if_seen(id: CommandId) -> impl FnOnce(ClientError) -> Result<Answer, ClientError> {
    move |error| match error.code() {
        Some(Code::CommandSeen) => Ok(Answer::accepted(id)),
        _ => Err(error),
    }
}

/// The receipt in an answer, or `None` when the command has none yet.
pub(crate) fn receipt_answer(answer: Answer, id: CommandId) -> Result<Option<ReceiptAnswer>, ClientError> {
    if answer.status != StatusCode::ACCEPTED {
        return Ok(Some(decode_exact(&answer.body)?));
    }
    let accepted: Accepted = answer.json()?;
    if accepted.id == id { Ok(None) } else { Err(Rejection::OtherCommand.into()) }
}

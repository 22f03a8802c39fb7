use super::*;
use tallow_types::{CallError, CommandId, Timer};

fn timer(schedule: Schedule, waiting: Option<CommandId>, last: Option<Firing>) -> TimerStatus {
    let timer = Timer { id: b"tick".to_vec(), schedule, input: vec![1, 2, 3, 4], gas_limit: 9, catch_up: 1 };
    TimerStatus { timer, due_ms: 61_500, waiting, last, suspended: false }
}

fn fired(result: Result<u32, CallError>) -> Option<Firing> {
    Some(Firing { command: CommandId([1; 32]), due_ms: 1, ended_ms: 2, height: 3, gas_used: 4, result })
}

fn at(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(milliseconds)
}

#[test]
fn a_line_says_when_it_fires_and_what_became_of_it_last() {
    let every = || Schedule::Every { first_ms: 0, period_ms: 1_500 };
    let new = line(&timer(every(), None, None), at(60_000));
    assert_eq!(new, "tick  every 1.500 s  next in 1.5 s  not fired yet");
    let trapped = Err(CallError::ContractTrapped("\u{1b}[2J".into()));
    let failed = line(&timer(Schedule::Cron("* * * * *".into()), None, fired(trapped)), at(70_000));
    let command = CommandId([1; 32]);
    assert_eq!(
        failed,
        format!(
            "tick  cron \"* * * * *\"  next now  last failed (contract trapped: \u{fffd}[2J) at height 3, command \
             {command}"
        )
    );
    let waits = line(&timer(Schedule::Once { at_ms: 1 }, Some(command), fired(Ok(1))), at(0));
    let expected = format!("tick  once  command {command} waits for an answer  last reverted at height 3");
    assert!(waits.starts_with(&expected), "{waits}");
}

#[test]
fn the_document_holds_all_of_it() {
    let shown = document(&timer(Schedule::Every { first_ms: 5, period_ms: 1_500 }, None, fired(Ok(0))));
    let expected = json!({
        "id": "tick", "schedule": { "every": { "first_ms": 5, "period_ms": 1_500 } }, "due_ms": 61_500,
        "input": "0x01020304", "gas_limit": 9, "catch_up": 1, "waiting": null, "suspended": false,
        "last": {
            "command": CommandId([1; 32]), "due_ms": 1, "ended_ms": 2, "height": 3, "gas_used": 4,
            "result": "returned", "error": null,
        },
    });
    assert_eq!(shown, expected);
}

#[test]
fn ids_are_text_numbers_or_bytes() {
    assert_eq!(shown_id(b"report"), "report");
    assert_eq!(shown_id(&7u64.to_le_bytes()), "7");
    assert_eq!(shown_id(&[0xff, 0]), "0xff00");
}

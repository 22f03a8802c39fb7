//! Streams over real sockets: in order, resumed, refused, bounded.

use crate::process::{Dev, Machine, bundle};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;
use tallow_abi::Bundle;
use tallow_client::{Client, ClientError, CommandDraft, Keypair, Subscription, Told, Trust};
use tallow_types::limits::STREAM_HEARTBEAT_MS;
use tallow_types::{AccountId, Action, FeedContent, FeedItem, FeedPosition, QueryRefusal, Topic};

/// An event as it arrives: id, name, data.
type Event = (String, String, Value);

/// A connection that follows `GET /v1/stream` by hand.
struct Stream {
    reader: BufReader<TcpStream>,
    status: u16,
    head: String,
}

impl Stream {
    fn open(dev: &Dev, target: &str, headers: &str) -> Self {
        let address = dev.url.strip_prefix("http://").unwrap();
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(socket, "GET {target} HTTP/1.1\r\nhost: {address}\r\n{headers}\r\n").unwrap();
        let mut reader = BufReader::new(socket);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "the answer ends: {head}");
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { reader, status, head: head.to_ascii_lowercase() }
    }

    /// The next event, without the lengths of HTTP's chunks.
    fn event(&mut self) -> Event {
        let (mut id, mut name, mut data) = (String::new(), String::new(), Value::Null);
        loop {
            let mut line = String::new();
            assert!(self.reader.read_line(&mut line).unwrap() > 0, "the stream ended");
            match line.trim_end_matches(['\r', '\n']).split_once(": ") {
                Some(("id", value)) => id = value.to_owned(),
                Some(("event", value)) => name = value.to_owned(),
                Some(("data", value)) => data = serde_json::from_str(value).unwrap(),
                None if line == "\n" && !(id.is_empty() && name.is_empty()) => return (id, name, data),
                _ => {}
            }
        }
    }

    /// Events until all was told.
    fn backlog(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| Some(self.event()).filter(|(_, name, _)| !name.is_empty())).collect()
    }

    /// The refusal's code and document.
    fn problem(mut self) -> (u16, String, Value) {
        let length = self.head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body).unwrap();
        let problem: Value = serde_json::from_slice(&body).unwrap();
        (self.status, problem["code"].as_str().unwrap().to_owned(), problem)
    }
}

/// A network with a probe; `flags` are those of its deployment.
fn deployed(machine: &Machine, dev: &Dev, flags: &[&str]) -> String {
    let document = machine.ok(dev, &[&["deploy", &bundle("probe")], flags].concat());
    document["contract"].as_str().unwrap().to_owned()
}

/// Emits as many events as `number` says.
fn emit(machine: &Machine, dev: &Dev, contract: &str, number: u32) {
    for number in 0..number {
        machine.ok(dev, &["call", contract, "mark", &number.to_string(), "\"here\""]);
    }
}

fn lines(child: &mut Child) -> std::io::Lines<BufReader<std::process::ChildStdout>> {
    BufReader::new(child.stdout.take().unwrap()).lines()
}

#[test]
fn blocks_receipts_and_public_events_come_in_order_and_resume() {
    let machine = Machine::new();
    let data = machine.path("data");
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let contract = deployed(&machine, &dev, &["--public-events"]);
    emit(&machine, &dev, &contract, 3);

    let all = "/v1/stream?topics=blocks,receipts,events&from=0";
    let before = Stream::open(&dev, all, "").backlog();
    let names = |events: &[Event], name: &str| events.iter().filter(|event| event.1 == name).count();
    assert!(names(&before, "block") >= 2 && names(&before, "receipt") >= 2, "{before:?}");
    assert_eq!(names(&before, "event"), 3, "{before:?}");
    let ids: Vec<FeedPosition> = before.iter().map(|event| event.0.parse().unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    let heights: Vec<u64> =
        before.iter().filter(|event| event.1 == "block").map(|e| e.2["height"].as_u64().unwrap()).collect();
    assert!(heights.windows(2).all(|pair| pair[1] == pair[0] + 1), "no block is missing: {heights:?}");

    // In the middle of it, by header and by parameter.
    let middle = before.len() / 2;
    let resumed = Stream::open(&dev, all, &format!("last-event-id: {}\r\n", before[middle].0)).backlog();
    assert_eq!(resumed[..before.len() - middle - 1], before[middle + 1..]);
    let resumed = Stream::open(&dev, &all.replace("from=0", &format!("from={}", before[middle].0)), "").backlog();
    assert_eq!(resumed[..before.len() - middle], before[middle..]);

    // After a crash, and after an orderly stop: what was there is there, at its place.
    dev.kill();
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    assert_eq!(Stream::open(&dev, all, "").backlog()[..before.len()], before[..]);
    assert_eq!(dev.terminate(), Some(0));
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let mut stream = Stream::open(&dev, all, &format!("last-event-id: {}\r\n", before[middle].0));
    assert_eq!(stream.backlog()[..before.len() - middle - 1], before[middle + 1..]);
    // And it goes on.
    emit(&machine, &dev, &contract, 1);
    let event = std::iter::repeat_with(|| stream.event()).find(|event| event.1 == "event").unwrap();
    assert_eq!(event.2["contract"], json!(contract));
}

#[test]
fn an_orderly_stop_ends_streams_and_keeps_nothing_waiting() {
    let machine = Machine::new();
    let said = machine.path("stderr");
    let dev = Dev::spawn(Dev::command(&machine, &[]).stderr(std::fs::File::create(&said).unwrap()));
    let mut streams: Vec<_> = (0..8).map(|_| Stream::open(&dev, "/v1/stream?topics=blocks", "")).collect();
    // They are open; a block may have come meanwhile.
    streams.iter_mut().for_each(|stream| drop(stream.backlog()));
    let began = std::time::Instant::now();
    assert_eq!(dev.terminate(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    for mut stream in streams {
        let mut rest = String::new();
        stream.reader.read_to_string(&mut rest).unwrap();
        assert!(rest.ends_with("0\r\n\r\n"), "a stream has its end: {rest}");
    }
    let said = std::fs::read_to_string(&said).unwrap();
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
}

#[test]
fn wrong_subscriptions_are_refused_in_words() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let contract = deployed(&machine, &dev, &[]);
    let unknown = "0x0909090909090909090909090909090909090909090909090909090909090909";
    let cases = [
        ("topics=dreams".to_owned(), 400, "malformed"),
        ("topics=".to_owned(), 400, "malformed"),
        ("from=yesterday".to_owned(), 400, "malformed"),
        ("from=-1".to_owned(), 400, "malformed"),
        ("from=9999999-0".to_owned(), 404, "not_found"),
        ("contract=0x12".to_owned(), 400, "malformed"),
        (format!("topics=events&contract={unknown}"), 404, "not_found"),
        (format!("topics=events&contract={contract}"), 403, "not_permitted"),
        (format!("topics=logs&contract={contract}"), 403, "not_permitted"),
        ("topics=logs".to_owned(), 403, "not_permitted"),
    ];
    for (query, status, code) in cases {
        for path in ["/v1/stream", "/v1/ws"] {
            let upgrade = if path == "/v1/ws" { UPGRADE } else { "" };
            let found = Stream::open(&dev, &format!("{path}?{query}"), upgrade).problem();
            assert_eq!((found.0, found.1.as_str()), (status, code), "{path} {query}: {}", found.2);
        }
    }
    let bad = Stream::open(&dev, "/v1/stream", "last-event-id: x\r\n").problem();
    assert_eq!((bad.0, bad.1.as_str()), (400, "malformed"));
    // A stream of public events has none of a contract whose events are not.
    emit(&machine, &dev, &contract, 2);
    let events = Stream::open(&dev, "/v1/stream?topics=events&from=0", "").backlog();
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn a_sealed_stream_is_for_the_deployer_and_survives_a_restart() {
    let machine = Machine::new();
    let data = machine.path("data");
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let contract: AccountId = deployed(&machine, &dev, &[]).parse().unwrap();
    emit(&machine, &dev, &contract.to_string(), 2);
    let port = dev.url.rsplit(':').next().unwrap().to_owned();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let client = runtime.block_on(Client::connect(&dev.url, Trust::OnFirstUse)).unwrap();
    let (alice, bob) = (Keypair::from_uri("//Alice").unwrap(), Keypair::from_uri("//Bob").unwrap());
    let asked = |topics: &[Topic]| Subscription {
        contract: Some(contract),
        topics: topics.to_vec(),
        from: Some(FeedPosition::default()),
    };
    for topic in [Topic::Events, Topic::Logs] {
        let refused = runtime.block_on(client.subscribe(&bob, asked(&[topic]))).err().unwrap();
        assert!(matches!(refused, ClientError::Refused(QueryRefusal::NotPermitted)), "{refused}");
    }
    let mut stream = runtime.block_on(client.subscribe(&alice, asked(&[Topic::Events, Topic::Logs]))).unwrap();
    let item = |told| match told {
        Told::Item(FeedItem { position, content: FeedContent::Event { event, .. }, .. }) => Some((position, event)),
        _ => None,
    };
    let mut next = || loop {
        if let Some(found) = item(runtime.block_on(stream.next()).unwrap()) {
            return found;
        }
    };
    let first = [next(), next()];
    assert!(first[0].0 < first[1].0 && first.iter().all(|(_, event)| event.contract == contract));

    dev.kill();
    // Where it was before, so that the client finds it.
    let dev = Dev::spawn(&mut machine.command(&["dev", "--port", &port, "--data-dir", &data, "--json"]));
    emit(&machine, &dev, &contract.to_string(), 2);
    let later = [next(), next()];
    assert!(first[1].0 < later[0].0 && later[0].0 < later[1].0, "nothing doubled: {first:?} {later:?}");
    assert_eq!(later[0].1.data.len(), first[0].1.data.len());
}

#[test]
fn the_program_shows_events_logs_and_blocks() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let contract = deployed(&machine, &dev, &[]);
    emit(&machine, &dev, &contract, 2);
    let documents = |text: &str| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
    let ran = |args: &[&str]| machine.run(&[args, &["--url", &dev.url, "--json"]].concat());

    let events = documents(&ran(&["events", &contract]).stdout);
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[0]["event"]["name"], json!("Marked"), "{events:?}");
    assert_eq!((&events[0]["contract"], events[0]["data"].as_str().unwrap().get(..2)), (&json!(contract), Some("0x")));
    let since = documents(&ran(&["events", &contract, "--since", events[1]["position"].as_str().unwrap()]).stdout);
    assert_eq!(since, events[1..]);
    assert!(ran(&["events"]).stdout.is_empty(), "none is public");
    machine.run(&["events", &contract, "--from", "//Bob", "--url", &dev.url]).fails(3, "not permitted", "--from");

    let blocks = documents(&ran(&["blocks", "--limit", "3"]).stdout);
    assert!(!blocks.is_empty() && blocks.len() <= 3 + 2, "{blocks:?}");
    let height = blocks[0]["height"].as_u64().unwrap();
    let again = documents(&ran(&["blocks", "--since", &height.to_string()]).stdout);
    assert_eq!(again[0], blocks[0]);

    let mut follower = machine
        .command(&["events", &contract, "--follow", "--since", "0", "--url", &dev.url, "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut shown = lines(&mut follower);
    let mut line = || serde_json::from_str::<Value>(&shown.next().unwrap().unwrap()).unwrap();
    assert_eq!([line(), line()], events[..]);
    emit(&machine, &dev, &contract, 1);
    assert_eq!(line()["event"]["name"], json!("Marked"));
    follower.kill().unwrap();
    follower.wait().unwrap();
}

/// More events of this size than the worker keeps, and the kernel holds for one who does not read.
const LARGE_EVENTS: usize = 450;
const LARGE_BYTES: &str = "60000";

#[test]
fn a_subscriber_that_does_not_read_lags_and_holds_up_nobody() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let contract = deployed(&machine, &dev, &["--public-events"]);
    let target = format!("/v1/stream?topics=events&contract={contract}");
    let (mut slow, mut fast) = (Stream::open(&dev, &target, ""), Stream::open(&dev, &target, ""));
    let reading = std::thread::spawn(move || {
        let mut heard = 0;
        while heard < LARGE_EVENTS {
            let (_, name, _) = fast.event();
            assert_ne!(name, "lagged", "after {heard} events");
            heard += usize::from(name == "event");
        }
    });
    let probe = Bundle::parse(&std::fs::read(bundle("probe")).unwrap()).unwrap().metadata.unwrap();
    let input = probe.encode_call("emit", &[LARGE_BYTES.to_owned(), "0".to_owned()]).unwrap();
    let (contract, alice) = (contract.parse().unwrap(), Keypair::from_uri("//Alice").unwrap());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let client = Client::connect(&dev.url, Trust::OnFirstUse).await.unwrap();
        for _ in 0..LARGE_EVENTS {
            let draft = CommandDraft::new(Action::Call { contract, input: input.clone() });
            client.command(&alice, draft).await.unwrap().outcome.result.unwrap();
        }
    });
    reading.join().unwrap();

    let mut last = FeedPosition::default();
    let lagged = loop {
        match slow.event() {
            (id, name, _) if name == "event" => last = id.parse().unwrap(),
            (_, name, data) if name == "lagged" => break data,
            _ => {}
        }
    };
    let place = |name: &str| lagged[name].as_str().unwrap().parse::<FeedPosition>().unwrap();
    assert!(last < place("missed") && place("missed") < place("resume"), "{last} {lagged}");
    let next = slow.event();
    assert!(next.0.parse::<FeedPosition>().unwrap() >= place("resume"), "it goes on with what there is");
    let gone = Stream::open(&dev, &target, &format!("last-event-id: {last}\r\n")).problem();
    assert_eq!((gone.0, gone.1.as_str()), (410, "feed_gone"));
    let oldest = gone.2["oldest"].as_str().unwrap();
    assert_eq!(Stream::open(&dev, &format!("{target}&from={oldest}"), "").status, 200);
}

#[test]
fn an_idle_stream_gives_signs_of_life() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let mut stream = Stream::open(&dev, "/v1/stream?topics=events", "");
    assert!(stream.head.contains("content-type: text/event-stream"), "{}", stream.head);
    let began = std::time::Instant::now();
    let (first, second) = (stream.event(), stream.event());
    assert!(first.1.is_empty() && second.1.is_empty(), "{first:?} {second:?}");
    let (first, second): (FeedPosition, FeedPosition) = (first.0.parse().unwrap(), second.0.parse().unwrap());
    assert!(first <= second && began.elapsed() < Duration::from_millis(STREAM_HEARTBEAT_MS + 2_000));
}

const UPGRADE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A frame of a WebSocket: whether it is the last of its message, its kind, its content.
fn frame(reader: &mut impl Read) -> (u8, Vec<u8>) {
    let mut head = [0; 2];
    reader.read_exact(&mut head).unwrap();
    let length = match head[1] {
        126 => {
            let mut length = [0; 2];
            reader.read_exact(&mut length).unwrap();
            usize::from(u16::from_be_bytes(length))
        }
        length => usize::from(length),
    };
    let mut content = vec![0; length];
    reader.read_exact(&mut content).unwrap();
    (head[0] & 15, content)
}

/// The code with which the worker closes, whatever it sends before; none when it just ends the connection.
fn closed(mut stream: Stream) -> Option<u16> {
    loop {
        let mut probe = [0; 1];
        if !matches!(stream.reader.get_mut().peek(&mut probe), Ok(1)) && stream.reader.buffer().is_empty() {
            return None;
        }
        if let (8, content) = frame(&mut stream.reader) {
            return content.first_chunk().map(|code| u16::from_be_bytes(*code));
        }
    }
}

#[test]
fn a_socket_says_the_same_and_takes_nothing() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    deployed(&machine, &dev, &[]);
    let events = Stream::open(&dev, "/v1/stream?from=0", "").backlog();
    let open = || {
        let stream = Stream::open(&dev, "/v1/ws?from=0", UPGRADE);
        assert_eq!(stream.status, 101, "{}", stream.head);
        stream
    };
    let mut socket = open();
    for (id, name, data) in events {
        let (kind, text) = frame(&mut socket.reader);
        let message: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!((kind, message), (1, json!({ "id": id, "event": name, "data": data })));
    }
    let send = |bytes: &[u8]| {
        let mut stream = open();
        stream.reader.get_mut().write_all(bytes).unwrap();
        closed(stream)
    };
    // Masked, as a client's frames are: a text, a frame longer than is taken, one without a mask, no frame at all.
    assert_eq!(send(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']), Some(1008));
    let long = [&[0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0][..], &[0; 16]].concat();
    assert!(matches!(send(&long), None | Some(1009)));
    assert!(matches!(send(&[0x81, 0x02, b'h', b'i']), None | Some(1002)));
    assert!(matches!(send(&[0xff; 64]), None | Some(1002)));
    // Others do not notice.
    assert_eq!(frame(&mut open().reader).0, 1);
    let plain = Stream::open(&dev, "/v1/ws", "").problem();
    assert_eq!((plain.0, plain.1.as_str()), (400, "malformed"));
}

/// What a path answers with those who accept JSON.
fn get(dev: &Dev, path: &str) -> (u16, Value) {
    let request = reqwest::Client::builder().no_proxy().build().unwrap().get(format!("{}{path}", dev.url));
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let answer = request.header("accept", "application/json").send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}")))
    })
}

#[test]
fn things_have_documents() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let contract = deployed(&machine, &dev, &["--public-events"]);
    let get = |path: &str| get(&dev, path);
    let one = get(&format!("/v1/contracts/{contract}")).1;
    assert_eq!((&one["contract"], &one["public_events"]), (&json!(contract), &json!(true)));
    assert_eq!(one["compat"], json!("tallow"));
    assert_eq!(get("/v1/contracts").1["items"], json!([one]));
    let code = get(&format!("/v1/code/{}", one["code"].as_str().unwrap())).1;
    assert_eq!((&code["available"], code["bytes"].as_u64().is_some()), (&json!(true), true));
    assert_eq!(get("/v1/code").1["items"], json!([code]));
    let clusters = get("/v1/clusters").1;
    assert_eq!(get(&format!("/v1/clusters/{}", clusters["items"][0]["cluster"].as_str().unwrap())).0, 200);
    assert!(get("/v1/anchors").1["items"].as_array().is_some_and(|anchors| !anchors.is_empty()));
    assert_eq!(get(&format!("/v1/accounts/{contract}")).1["contract"], json!(true));
    assert_eq!(get("/v1/timers").1, json!({ "timers": 0, "waiting": 0 }));
    let block = &get("/v1/blocks?limit=1").1["items"][0];
    assert!(block.get("certified").is_none());
    let certified = get(&format!("/v1/blocks/{}", block["height"])).1;
    assert!(certified["certified"].as_str().unwrap().len() > 500, "{certified}");
    let receipt = get("/v1/receipts").1["items"][0].clone();
    let document = get(&format!("/v1/receipts/{}", receipt["id"].as_str().unwrap())).1;
    assert_eq!((&document["height"], document["receipt"].as_str().unwrap().get(..2)), (&receipt["height"], Some("0x")));
}

#[test]
fn lists_have_pages() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let contract = deployed(&machine, &dev, &[]);
    emit(&machine, &dev, &contract, 2);
    let get = |path: &str| get(&dev, path);
    // Every block and receipt comes once, however small the pages are.
    for (list, key) in [("blocks", "height"), ("receipts", "id")] {
        let whole = get(&format!("/v1/{list}?limit=100")).1["items"].as_array().unwrap().clone();
        let first = match &whole[0][key] {
            Value::String(id) => id.clone(),
            number => number.to_string(),
        };
        let (mut paged, mut after) = (Vec::new(), Some(first));
        while let Some(last) = after {
            let page = get(&format!("/v1/{list}?limit=1&after={last}")).1;
            paged.extend(page["items"].as_array().unwrap().iter().cloned());
            after = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(paged, whole[1..], "{list}");
    }
    let unknown = "0x0909090909090909090909090909090909090909090909090909090909090909";
    for (path, status, code) in [
        ("blocks?limit=0".to_owned(), 400, "malformed"),
        ("blocks?limit=101".to_owned(), 400, "malformed"),
        ("blocks?after=x".to_owned(), 400, "malformed"),
        ("receipts?after=7".to_owned(), 400, "malformed"),
        (format!("receipts?after={unknown}"), 404, "not_found"),
        ("blocks/x".to_owned(), 400, "malformed"),
        ("blocks/999999".to_owned(), 404, "not_found"),
        (format!("contracts/{unknown}"), 404, "not_found"),
        ("contracts/7".to_owned(), 400, "malformed"),
        (format!("code/{unknown}"), 404, "not_found"),
        (format!("clusters/{unknown}"), 404, "not_found"),
    ] {
        let (found, problem) = get(&format!("/v1/{path}"));
        assert_eq!((found, problem["code"].as_str()), (status, Some(code)), "{path}: {problem}");
    }
}

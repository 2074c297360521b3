//! Whatever a target does, the run comes to its end by its own bound, every selected
//! case has a result, the exit status tells, and memory stays small.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use wsspec_record::{Failure, Results, Verdict};

use crate::support::{
    Peer, Run, Wsspec, count, frame, lawful_echo, open_properly, read_frame, read_head, read_to_end,
};

/// The most memory that a run may take.
const MEMORY_KIB_MAX: u64 = 200 * 1024;
const ALL: &str = "--case=autobahn:*";
/// Cases of every kind. A development build is slow at reading floods.
const SOME: &str = "--case=autobahn:{1.1,3,7.1}.*";
const SOME_COUNT: usize = 21;
/// The bound of a run here, on a machine that has much else to do.
const RUN_MAX: Duration = Duration::from_secs(60);

fn arguments(url: &str, cases: &str) -> Vec<String> {
    ["server", url, cases, "--jobs=32", "--timeout=1", "--force"]
        .map(str::to_owned)
        .into()
}

/// Grades a peer on cases of every kind, and checks what always holds.
async fn graded<F>(conduct: impl Fn(TcpStream) -> F + Send + 'static) -> (Run, Results)
where
    F: Future<Output = ()> + Send + 'static,
{
    let peer = Peer::start(conduct).await;
    let run = Wsspec::new(arguments(&peer.url(), SOME)).run().await;
    check_bounds(&run);
    let results = run.results();
    assert_eq!(results.results.len(), SOME_COUNT);
    (run, results)
}

fn check_bounds(run: &Run) {
    assert!(run.took < RUN_MAX, "{}", run.said());
    if let Some(most) = run.memory_kib {
        assert!(most < MEMORY_KIB_MAX, "{most} KiB\n{}", run.said());
    }
}

async fn fails_everything<F>(conduct: impl Fn(TcpStream) -> F + Send + 'static) -> Results
where
    F: Future<Output = ()> + Send + 'static,
{
    let (run, results) = graded(conduct).await;
    // What is large may be declined by any end of the connection, which shows nothing.
    let against = count(&results, Verdict::Fail) + count(&results, Verdict::Info);
    assert_eq!(against, SOME_COUNT, "{}", run.said());
    assert_eq!(run.exit, Some(1), "{}", run.said());
    results
}

fn all_are(results: &Results, failure: Failure) {
    for result in &results.results {
        assert_eq!(
            result.failure,
            Some(failure),
            "{}: {}",
            result.case,
            result.reason
        );
    }
}

/// Writes the same octets until nobody takes them any more; what comes is read.
async fn write_for_ever(stream: TcpStream, octets: &[u8]) {
    let (mut reader, mut writer) = stream.into_split();
    let reading = async {
        let mut buffer = [0; 16 * 1024];
        while let Ok(1..) = reader.read(&mut buffer).await {}
        // Our half stays open: the other side has to end this.
        std::future::pending::<()>().await;
    };
    let writing = async { while writer.write_all(octets).await.is_ok() {} };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}

#[tokio::test]
async fn never_answers_the_handshake() {
    let results = fails_everything(|mut stream| async move {
        read_to_end(&mut stream).await;
    })
    .await;
    all_are(&results, Failure::Timeout);
}

#[tokio::test]
async fn answers_with_endless_header_fields() {
    let results = fails_everything(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream
            .write_all(b"HTTP/1.1 101 Switching Protocols\r\n")
            .await;
        write_for_ever(stream, &b"X-Again: and again\r\n".repeat(100)).await;
    })
    .await;
    all_are(&results, Failure::Flood);
}

#[tokio::test]
async fn answers_with_an_endless_body() {
    let results = fails_everything(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        write_for_ever(stream, &[b'x'; 16 * 1024]).await;
    })
    .await;
    all_are(&results, Failure::OpeningHandshake);
}

#[tokio::test]
async fn goes_on_with_garbage() {
    fails_everything(|mut stream| async move {
        open_properly(&mut stream).await;
        let garbage: Vec<u8> = (0..64 * 1024_u32)
            .map(|at| ((at * at) >> 7) as u8)
            .collect();
        let _ = stream.write_all(&garbage).await;
        read_to_end(&mut stream).await;
    })
    .await;
}

#[tokio::test]
async fn sends_messages_without_end() {
    fails_everything(|mut stream| async move {
        open_properly(&mut stream).await;
        write_for_ever(stream, &frame(0x81, b"more and more").repeat(100)).await;
    })
    .await;
}

#[tokio::test]
async fn sends_large_messages_without_end() {
    fails_everything(|mut stream| async move {
        open_properly(&mut stream).await;
        write_for_ever(stream, &frame(0x82, &[7; 1024 * 1024])).await;
    })
    .await;
}

#[tokio::test]
async fn sends_fragments_without_end() {
    fails_everything(|mut stream| async move {
        open_properly(&mut stream).await;
        let _ = stream.write_all(&frame(0x01, b"")).await;
        write_for_ever(stream, &frame(0x00, b"more").repeat(100)).await;
    })
    .await;
}

#[tokio::test]
async fn sends_a_frame_that_is_longer_than_anything() {
    fails_everything(|mut stream| async move {
        open_properly(&mut stream).await;
        let mut header = vec![0x82, 127];
        header.extend_from_slice(&(u64::MAX / 2).to_be_bytes());
        let _ = stream.write_all(&header).await;
        write_for_ever(stream, &[0; 64 * 1024]).await;
    })
    .await;
}

#[tokio::test]
async fn sends_pings_without_end_and_gets_no_endless_pongs() {
    let most = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&most);
    fails_everything(move |mut stream| {
        let most = Arc::clone(&counted);
        async move {
            open_properly(&mut stream).await;
            let (mut reader, mut writer) = stream.into_split();
            let pings = frame(0x89, &[b'p'; 125]).repeat(100);
            let writing = async { while writer.write_all(&pings).await.is_ok() {} };
            let reading = async {
                let mut came = 0;
                let mut buffer = [0; 16 * 1024];
                while let Ok(octets @ 1..) = reader.read(&mut buffer).await {
                    came += octets;
                    most.fetch_max(came, Ordering::Relaxed);
                }
            };
            tokio::join!(writing, reading);
        }
    })
    .await;
    // A Pong with its key is 131 octets, and a transcript ends after 1024 control frames.
    let most = most.load(Ordering::Relaxed);
    assert!((131..1024 * 1024).contains(&most), "{most} octets of Pongs");
}

/// As above, but nobody ever reads the Pongs.
#[tokio::test]
async fn sends_pings_without_end_and_reads_nothing() {
    fails_everything(|mut stream| async move {
        open_properly(&mut stream).await;
        let pings = frame(0x89, &[b'p'; 125]).repeat(100);
        while stream.write_all(&pings).await.is_ok() {}
    })
    .await;
}

#[tokio::test]
async fn resets_in_the_middle_of_a_frame() {
    let results = fails_everything(|mut stream| async move {
        open_properly(&mut stream).await;
        let _ = stream.write_all(b"\x81\x7dhalf of wh").await;
        let _ = read_frame(&mut stream).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    assert!(results.header.targets[0].trouble.is_some());
}

#[tokio::test]
async fn dribbles_one_octet_at_a_time() {
    // Lawful all the way, but each octet is a segment of its own: slow is not wrong.
    let (run, results) = {
        let peer = Peer::start(|stream| async move {
            stream.set_nodelay(true).unwrap();
            let (reader, mut writer) = stream.into_split();
            let (near, far) = tokio::io::duplex(64);
            let (mut from_echo, mut to_echo) = tokio::io::split(near);
            let talk = lawful_echo(far);
            let mut reader = reader;
            let inwards = async {
                let _ = tokio::io::copy(&mut reader, &mut to_echo).await;
                let _ = to_echo.shutdown().await;
            };
            let outwards = async {
                while let Ok(octet) = from_echo.read_u8().await {
                    if writer.write_all(&[octet]).await.is_err() {
                        break;
                    }
                }
                let _ = writer.shutdown().await;
            };
            tokio::join!(talk, inwards, outwards);
        })
        .await;
        let run = Wsspec::new(["server", &peer.url(), "--case=autobahn:[1-7].*"])
            .run()
            .await;
        let results = run.results();
        (run, results)
    };
    assert_eq!(run.exit, Some(0), "{}", run.said());
    assert_eq!(count(&results, Verdict::Fail), 0);
}

#[tokio::test]
async fn dribbles_the_response_and_never_comes_to_its_end() {
    fails_everything(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream
            .write_all(b"HTTP/1.1 101 Switching Protocols\r\nX: ")
            .await;
        while stream.write_all(b"y").await.is_ok() {
            // The pace of the dribble, not a wait for anything.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn stops_reading() {
    fails_everything(|mut stream| async move {
        open_properly(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
}

#[tokio::test]
async fn refuses_connections() {
    // The port was free a moment ago, and nobody listens on it.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    drop(listener);

    let run = Wsspec::new(arguments(&url, SOME)).run().await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.said());
    assert!(run.stderr.contains("Connection refused"), "{}", run.said());
    let results = run.results();
    assert_eq!(count(&results, Verdict::Error), SOME_COUNT);
    all_are(&results, Failure::Unreachable);

    // Where an earlier run found something, it is not overwritten with nothing.
    let good = Wsspec::new(["server", "--case=autobahn:1.1.*"]).run().await;
    assert_eq!(good.exit, Some(0), "{}", good.said());
    let before = good.files();
    let run = Wsspec::in_folder(good.into_folder(), arguments(&url, SOME))
        .run()
        .await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
    assert_eq!(run.files(), before);
}

#[tokio::test]
async fn dies_in_the_middle_of_the_run() {
    let peer = Peer::start_for(100, lawful_echo).await;
    let run = Wsspec::new(arguments(&peer.url(), ALL)).run().await;
    check_bounds(&run);
    let results = run.results();
    assert_eq!(run.exit, Some(3), "{}", run.said());
    // A hundred connections less the canary; what was in flight at the end is open.
    let graded = 247 - count(&results, Verdict::Error);
    assert!(
        (60..100).contains(&graded),
        "{graded} graded\n{}",
        run.said()
    );
    let trouble = results.header.targets[0].trouble.as_deref().unwrap();
    assert!(trouble.contains("The target went away"), "{trouble}");
    assert!(trouble.contains("did not come back"), "{trouble}");
}

#[tokio::test]
async fn goes_away_and_comes_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let mut listener = Some(listener);
        loop {
            let here = match listener.take() {
                Some(listener) => listener,
                None => TcpListener::bind(address).await.unwrap(),
            };
            let mut talks = JoinSet::new();
            for _ in 0..80 {
                let (stream, _) = here.accept().await.unwrap();
                talks.spawn(lawful_echo(stream));
            }
            // With the last talks over, whoever wants to go on has knocked in vain.
            drop(here);
            while talks.join_next().await.is_some() {}
        }
    });
    let run = Wsspec::new(["server", &format!("ws://{address}/"), ALL, "--jobs=8"])
        .run()
        .await;
    server.abort();
    check_bounds(&run);
    let results = run.results();
    assert_eq!(count(&results, Verdict::Error), 0, "{}", run.said());
    assert_eq!(count(&results, Verdict::Fail), 0, "{}", run.said());
}

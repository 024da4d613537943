//! Spans, as a collector gets them.

use super::caller::{Errors, Threads, lend, on_error};
use crate::{
    bytes::Pair,
    error::Kind,
    spans::{
        ATTRIBUTE_INTEGER, Attribute, ExporterOptions, Span, SpanCounts, SpanExporter,
        tb_span_export, tb_span_exporter_counts, tb_span_exporter_flush, tb_span_exporter_free,
        tb_span_exporter_new,
    },
};
use std::{
    io::{Read, Write},
    mem::zeroed,
    net::{TcpListener, TcpStream},
    thread,
};

/// Owns an exporter.
struct Exporting(*mut SpanExporter);

impl Exporting {
    fn new(threads: &Threads, options: &ExporterOptions) -> Self {
        let errors = Errors::new();
        let made =
            unsafe { tb_span_exporter_new(threads.0, options, errors.user_data(), Some(on_error)) };
        assert!(!made.is_null(), "{:?}", errors.take());
        Exporting(made)
    }

    fn export(&self, name: &str) -> bool {
        let attribute = Attribute {
            key: lend("answer"),
            kind: ATTRIBUTE_INTEGER,
            integer: 42,
            ..unsafe { zeroed() }
        };
        let mut span = Span {
            name: lend(name),
            kind: 2,
            attributes: &attribute,
            attribute_count: 1,
            ..unsafe { zeroed() }
        };
        (span.context.trace_id, span.context.span_id) = ([1; 16], [2; 8]);
        unsafe { tb_span_export(self.0, &span) }
    }

    fn flush(&self) -> Option<Kind> {
        let errors = Errors::new();
        unsafe { tb_span_exporter_flush(self.0, errors.user_data(), on_error) };
        errors.take().map(|told| told.kind)
    }

    fn counts(&self) -> (u64, u64, u64) {
        let SpanCounts { exported, failed, dropped } = unsafe { tb_span_exporter_counts(self.0) };
        (exported, failed, dropped)
    }
}

impl Drop for Exporting {
    fn drop(&mut self) {
        unsafe { tb_span_exporter_free(self.0) }
    }
}

fn options(endpoint: &str) -> ExporterOptions {
    ExporterOptions { endpoint: lend(endpoint), scope: lend("test"), ..unsafe { zeroed() } }
}

/// Reads one request whole and answers it.
fn serve(mut stream: TcpStream, answer: &str) -> Vec<u8> {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let head = request.windows(4).position(|end| end == b"\r\n\r\n");
        if let Some(head) = head {
            let fields = String::from_utf8_lossy(&request[..head]).to_lowercase();
            let length = fields.split("content-length: ").nth(1).unwrap().lines().next().unwrap();
            if request.len() >= head + 4 + length.parse::<usize>().unwrap() {
                break;
            }
        }
        let size = stream.read(&mut piece).unwrap();
        assert!(size > 0, "the whole request comes");
        request.extend_from_slice(&piece[..size]);
    }
    write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    request
}

fn contains(request: &[u8], text: &str) -> bool {
    request.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn a_flush_sends_what_is_queued_and_counts_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let collector = thread::spawn(move || {
        let taken = serve(listener.accept().unwrap().0, "200 OK");
        (taken, serve(listener.accept().unwrap().0, "503 Service Unavailable"))
    });
    let threads = Threads::new();
    let name = Pair { key: lend("service.name"), value: lend("shop") };
    let exporter = Exporting::new(
        &threads,
        &ExporterOptions { resource: &name, resource_count: 1, ..options(&endpoint) },
    );
    assert!(exporter.export("one") && exporter.export("two"));
    assert_eq!(exporter.flush(), None);
    assert_eq!(exporter.counts(), (2, 0, 0));
    assert!(exporter.export("refused"));
    assert_eq!(exporter.flush(), None);
    assert_eq!(exporter.counts(), (2, 1, 0));

    let (taken, refused) = collector.join().unwrap();
    assert!(taken.starts_with(b"POST /v1/traces HTTP/1.1\r\n"));
    for text in ["application/x-protobuf", "service.name", "shop", "one", "two", "answer"] {
        assert!(contains(&taken, text), "{text}");
    }
    assert!(contains(&refused, "refused"));
}

#[test]
fn what_there_is_no_room_for_is_dropped_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap(); // takes no request
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let threads = Threads::new();
    let small = ExporterOptions { max_queue: 4, max_batch: 2, ..options(&endpoint) };
    let exporter = Exporting::new(&threads, &small);
    let queued = (0..100).filter(|_| exporter.export("span")).count();
    assert!(queued < 20, "{queued}");
    assert_eq!(exporter.counts(), (0, 0, 100 - queued as u64));
}

#[test]
fn an_endpoint_that_is_none_is_refused() {
    let threads = Threads::new();
    for endpoint in ["", "not a url"] {
        let errors = Errors::new();
        let options = options(endpoint);
        let made = unsafe {
            tb_span_exporter_new(threads.0, &options, errors.user_data(), Some(on_error))
        };
        assert!(made.is_null());
        assert_eq!(errors.take().unwrap().kind, Kind::InvalidArgument, "{endpoint}");
    }
}

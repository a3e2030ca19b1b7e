//! `/home`, which no survey asks for.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    hallpass_fuzz::pipe::ask(head, body, async |gateway| {
        // Whatever comes of it; the fuzzer looks for panics.
        let _ = gateway.network_interface().await;
    });
});

//! What a gateway before firmware 7 says in a 401: the challenge, and whatever else of HTTP.
#![no_main]

use bytes::Bytes;
use http::Request;

libfuzzer_sys::fuzz_target!(|challenge: &[u8]| {
    let head = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\
        WWW-Authenticate: ";
    let challenge = [challenge, b"\r\n\r\n"].concat();
    hallpass_fuzz::pipe::ask(head.to_owned(), &challenge, async |gateway| {
        let request = Request::get("/ivp/meters").body(Bytes::new()).expect("a request");
        // Whatever comes of it; the fuzzer looks for panics.
        let _ = gateway.forward(request).await;
    });
});

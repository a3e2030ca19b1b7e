//! What gateways say of themselves by mDNS: a responder that answers every question for them with all there is.
//!
//! It listens on the multicast group of mDNS within this machine, on a port of its own. Records are those of field
//! reports: one instance a gateway, `serialnum` and `protovers` in its TXT record; the SRV port, which is 80 on real
//! ones, is that of the simulated gateway.

use std::{
    io,
    net::{Ipv4Addr, SocketAddrV4},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;

use crate::Sim;

/// One gateway as it makes itself known, or as somebody else says that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advert {
    /// As in `/info`.
    pub serial_number: String,
    /// Without its letter.
    pub firmware: String,
    /// The number of the address that it names.
    pub address: usize,
}

/// A socket on the group, still silent.
pub(crate) struct Responder {
    socket: UdpSocket,
    port: u16,
}

impl Responder {
    /// On a port that is nobody else's.
    pub(crate) fn new() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        socket.bind(&SocketAddrV4::new(GROUP, 0).into())?;
        // Only now: with these, the system might have chosen a port that is in use. Who asks shares the port.
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
        socket.join_multicast_v4(&GROUP, &Ipv4Addr::LOCALHOST)?;
        socket.set_multicast_if_v4(&Ipv4Addr::LOCALHOST)?;
        socket.set_nonblocking(true)?;
        let socket = UdpSocket::from_std(socket.into())?;
        let port = socket.local_addr()?.port();
        Ok(Self { socket, port })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Answers for ever, with `ports` by the number of the address.
    pub(crate) async fn run(self, sim: &Sim, ports: &[u16]) {
        let mut question = [0; 9_000];
        loop {
            match self.socket.recv_from(&mut question).await {
                Ok((length, _)) if is_question(&question[..length]) => {
                    self.answer(sim, ports).await
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "a question was lost"),
            }
        }
    }

    async fn answer(&self, sim: &Sim, ports: &[u16]) {
        for (number, advert) in sim.adverts().iter().enumerate() {
            let port = ports.get(advert.address).copied().unwrap_or_default();
            let answer = message(number, advert, port);
            if let Err(error) = self.socket.send_to(&answer, (GROUP, self.port)).await {
                tracing::warn!(%error, "an advert was lost");
            }
        }
    }
}

/// Whether it asks for gateways.
fn is_question(message: &[u8]) -> bool {
    let is_answer = message.get(2).is_none_or(|flags| flags & 0x80 != 0);
    let service = name(SERVICE);
    !is_answer && message.windows(service.len()).any(|window| window == service)
}

/// The answer about one gateway: RFC 6762 and 6763, without compression.
fn message(number: usize, advert: &Advert, port: u16) -> Vec<u8> {
    let host = if number == 0 { "envoy".to_owned() } else { format!("envoy-{}", number + 1) };
    let instance = [&name(&host)[..=host.len()], &name(SERVICE)].concat();
    let host = name(&format!("{host}.local"));
    let text = [
        format!("protovers={}", advert.firmware),
        format!("serialnum={}", advert.serial_number),
        "txtvers=1".to_owned(),
    ];
    let text: Vec<u8> = text.iter().flat_map(|entry| label(entry)).collect();
    let service = [&[0; 4][..], &port.to_be_bytes(), &host].concat();
    [
        vec![0, 0, 0x84, 0, 0, 0, 0, 4, 0, 0, 0, 0],
        record(&name(SERVICE), PTR, SHARED, &instance),
        record(&instance, SRV, UNIQUE, &service),
        record(&instance, TXT, UNIQUE, &text),
        record(&host, A, UNIQUE, &Ipv4Addr::LOCALHOST.octets()),
    ]
    .concat()
}

fn record(owner: &[u8], kind: u16, class: u16, data: &[u8]) -> Vec<u8> {
    let length = data.len() as u16;
    let head = [kind.to_be_bytes(), class.to_be_bytes()].concat();
    [owner, &head, &LIFE.to_be_bytes(), &length.to_be_bytes(), data].concat()
}

fn name(dotted: &str) -> Vec<u8> {
    dotted.split('.').flat_map(label).chain([0]).collect()
}

fn label(text: &str) -> Vec<u8> {
    [&[text.len() as u8], text.as_bytes()].concat()
}

const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const SERVICE: &str = "_enphase-envoy._tcp.local";
const PTR: u16 = 12;
const SRV: u16 = 33;
const TXT: u16 = 16;
const A: u16 = 1;
/// The class of what several may say.
const SHARED: u16 = 1;
/// The class of what replaces all that was said before.
const UNIQUE: u16 = 0x8001;
/// How long a record is good, s.
const LIFE: u32 = 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_questions_for_gateways_are_answered() {
        let question = [&[0; 12][..], &name(SERVICE), &[0, 12, 0, 1]].concat();
        assert!(is_question(&question));
        let other = [&[0; 12][..], &name("_http._tcp.local"), &[0, 12, 0, 1]].concat();
        assert!(!is_question(&other));
        let advert = Advert { serial_number: "1".into(), firmware: "7".into(), address: 0 };
        assert!(!is_question(&message(0, &advert, 80)), "its own answer");
        assert!(!is_question(&[]));
    }

    #[test]
    fn a_record_counts_its_own_bytes() {
        let written = record(&name("a.b"), A, UNIQUE, &[127, 0, 0, 1]);
        assert_eq!(written, *b"\x01a\x01b\0\0\x01\x80\x01\0\0\0\x78\0\x04\x7f\0\0\x01");
    }
}

//! A bad network between a client and a gateway.
//!
//! What a stream can show of one: TCP makes lost packets late, and a connection that nothing comes through any more looks
//! like one on which nothing is said.

use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};

use crate::{serve::Stream, stage::Stage};

/// What can be wrong with a network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trouble {
    /// Packets are lost and sent again.
    #[default]
    Loss,
    /// Everything comes late.
    Latency,
    /// After some flights nothing comes through any more, in either direction, and neither side is told.
    HalfOpen,
    /// Full packets vanish (their size exceeds the path's MTU, and nobody says so); small ones come through.
    BlackHole,
}

/// What befalls the flights of one connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    trouble: Trouble,
    percent: usize,
    round_trip: Duration,
}

/// What becomes of one flight.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    /// It arrives so much later.
    Late(Duration),
    /// Neither it nor what follows it arrives.
    Never,
}

/// What may be on its way at a time, in bytes.
pub(crate) const WINDOW: usize = 64 * 1024;

/// The data of a full packet on Ethernet, in bytes.
const PACKET: usize = 1_448;

/// When a lost packet is sent again: after this, then twice this, and so on (RFC 6298; 200 ms is what Linux takes at least).
const RETRANSMISSION: Duration = Duration::from_millis(200);

/// After so many losses in a row a packet does arrive.
const MOST_LOSSES: u32 = 8;

/// Of a connection that is half-open in the end, at most so many flights come through.
const MOST_FLIGHTS: u32 = 16;

impl Weather {
    pub(crate) fn new(trouble: Trouble, percent: usize, round_trip: Duration) -> Self {
        Self { trouble, percent: percent.min(100), round_trip }
    }

    fn fate(self, bytes: usize, flights_left: u32, dice: &mut StdRng) -> Fate {
        match self.trouble {
            Trouble::Loss => {
                let packets = bytes.div_ceil(PACKET);
                let late = (0..packets).map(|_| self.retransmissions(dice)).max();
                Fate::Late(late.unwrap_or_default())
            }
            Trouble::Latency => Fate::Late(self.round_trip / 2),
            Trouble::HalfOpen if flights_left == 0 => Fate::Never,
            Trouble::BlackHole if bytes >= PACKET => Fate::Never,
            Trouble::HalfOpen | Trouble::BlackHole => Fate::Late(Duration::ZERO),
        }
    }

    /// How long it takes until one packet arrives.
    fn retransmissions(self, dice: &mut StdRng) -> Duration {
        let losses =
            (0..MOST_LOSSES).take_while(|_| dice.random_range(0..100) < self.percent).count();
        RETRANSMISSION * ((1 << losses) - 1)
    }
}

/// Carries bytes between the client and the gateway's end of the stream, until one of them closes.
pub(crate) async fn carry(
    client: impl Stream,
    gateway: DuplexStream,
    weather: Weather,
    stage: &Stage,
) {
    let (from_client, to_client) = tokio::io::split(client);
    let (from_gateway, to_gateway) = tokio::io::split(gateway);
    let way = || Way { weather, stage, dice: StdRng::seed_from_u64(stage.seed()) };
    let (up, down) = (way(), way());
    tokio::select! {
        () = up.carry(from_client, to_gateway) => {}
        () = down.carry(from_gateway, to_client) => {}
    }
}

/// One direction.
struct Way<'a> {
    weather: Weather,
    stage: &'a Stage,
    dice: StdRng,
}

impl Way<'_> {
    async fn carry(mut self, mut from: ReadHalf<impl Stream>, mut to: WriteHalf<impl Stream>) {
        let mut flight = vec![0; WINDOW];
        let mut left = self.dice.random_range(1..=MOST_FLIGHTS);
        let mut is_swallowed = false;
        while let Ok(bytes @ 1..) = from.read(&mut flight).await {
            let fate = self.weather.fate(bytes, left, &mut self.dice);
            left = left.saturating_sub(1);
            match fate {
                // Whoever closes is heard all the same: that nobody must wait for.
                Fate::Never => is_swallowed = true,
                Fate::Late(by) => self.stage.clock.wait(by).await,
            }
            if !is_swallowed && to.write_all(&flight[..bytes]).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    }
}

#[cfg(test)]
mod tests;

//! The table of faults, for people and for programs that list them.

use serde::Serialize;

use super::FaultError;
use crate::event::nearest;

/// One fault in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FaultInfo {
    /// What it is set by; stable.
    pub name: &'static str,
    /// Its number in the catalogue of faults, by which it can be set too; empty where it has none.
    pub code: &'static str,
    /// `gateway` or `cloud`.
    pub place: &'static str,
    /// Its own arguments with their defaults.
    pub arguments: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// The path it holds on unless another is given; everywhere where there is none.
    pub path: Option<&'static str>,
}

const fn row(
    place: &'static str,
    code: &'static str,
    name: &'static str,
    arguments: &'static str,
    summary: &'static str,
) -> FaultInfo {
    FaultInfo { name, code, place, arguments, summary, path: None }
}

const fn on(path: &'static str, info: FaultInfo) -> FaultInfo {
    FaultInfo { path: Some(path), ..info }
}

const DATA: &str = "/production.json";
const LOGIN: &str = "/login/login.json";
const TOKENS: &str = "/tokens";

#[rustfmt::skip]
static FAULTS: &[FaultInfo] = &[
    row("gateway", "G1", "nightly_2300", "length=10m how=hang|refused", "away each day from 23:00 local time on"),
    row("gateway", "G2", "reboot_503", "down=60s starting=3m", "reboots now: refused, then 503 everywhere, then back without sessions"),
    row("gateway", "G3", "powercut_session", "", "all sessions end now, tokens stay good"),
    row("gateway", "G5", "fw_update", "down=20m version=NEXT gone=PATH,PATH", "updates now: away, then a new version, old sessions and tokens dead, two paths gone and /ivp/pdm/device_data there"),
    row("gateway", "G6", "fw_5_to_7", "down=20m", "updates now from http and digest to https and tokens"),
    on(DATA, row("gateway", "G8", "slow", "by=44s", "one endpoint answers late")),
    row("gateway", "", "recorded_delays", "", "each endpoint takes as long as it did where it was recorded or measured"),
    row("gateway", "G10", "overload", "connections=2 per_minute=30", "503 beyond so many connections or requests a minute"),
    row("gateway", "G11", "keepalive_reset", "how=reset|close", "a connection carries one answer: cut on reuse, or closed in good order"),
    on(DATA, row("gateway", "G12", "slowloris", "every=5s", "a body comes one byte at a time")),
    on(DATA, row("gateway", "G13", "html200", "", "status 200 and the page of a login where JSON belongs")),
    row("gateway", "G14", "gateway_504", "status=504", "the web server's own error page on everything"),
    on(DATA, row("gateway", "G15", "truncated_body", "", "a body ends in the middle, in good order")),
    on(DATA, row("gateway", "", "empty_body", "", "status 200 with nothing in it")),
    on(DATA, row("gateway", "", "endless_body", "", "a body never ends")),
    on(DATA, row("gateway", "", "wrong_length", "", "a body is shorter than its Content-Length")),
    on(DATA, row("gateway", "", "half_chunk", "", "a chunked body breaks off")),
    on(DATA, row("gateway", "G16", "odd_numbers", "kind=nan|infinity|huge|text|blank|null|duplicate|bom|bad_utf8|deep|negative_zero", "JSON with odd contents")),
    on(DATA, row("gateway", "G18", "one_endpoint_401", "", "one path answers 401 for ever, check_jwt is fine")),
    on(DATA, row("gateway", "", "canned", "status=200 body=TEXT", "one path answers just this")),
    on("/ivp/meters", row("gateway", "G19", "shape_change", "kind=empty|unknown|shorter|words", "a list is empty, has one entry less, or unknown fields or words")),
    on(DATA, row("gateway", "G20", "redirects", "status=301 to=TRAP", "redirects to another listener, which must see no credential")),
    row("gateway", "", "no_serial", "", "/info has no serial number"),
    row("gateway", "", "not_a_gateway", "", "some other web server answers"),
    row("gateway", "", "hang", "", "requests are taken and never answered"),
    row("gateway", "", "refused", "", "connections are closed at once"),
    row("gateway", "N7", "https_gone", "", "no TLS any more; plain http is answered"),
    row("gateway", "N1", "impostor", "", "someone else answers: same address and /info, own key"),
    row("gateway", "N3", "midstream_swap", "", "as impostor, but open connections stay with the real one"),
    row("gateway", "N4", "dhcp_move", "successor=nobody|impostor", "moves to another address now; the old one is dead, or an impostor's"),
    row("gateway", "N8", "swap_addresses", "", "all gateways change places now, each with the next one"),
    row("gateway", "", "false_advert", "", "somebody else says by mDNS to be it"),
    row("gateway", "N2", "cert_rotated", "", "the real gateway has a new key from now on"),
    row("gateway", "N6", "tls_quirks", "kind=tls12_only|rsa2048|expired|no_san|sni_refused|sha1|tls10_only", "another handshake; rsa2048 is another key, and the last two end in an alert"),
    row("gateway", "N9", "lossy", "kind=loss|latency|half_open|black_hole percent=30 by=5s", "a bad network: packets sent again and again, a long round trip, connections that fall silent, or only small packets come through"),
    row("gateway", "A1", "idle_session", "after=2s", "sessions end sooner when idle"),
    row("gateway", "A2", "burst_401", "", "everything that needs a credential answers 401; give times"),
    row("gateway", "A3", "late_401", "by=30s", "as revoked, but every 401 comes late"),
    row("gateway", "A4", "revoked", "", "tokens issued before now are refused, sessions too"),
    row("gateway", "A5", "new_refused", "", "tokens issued from now on are refused"),
    on("/ivp/meters/readings", row("gateway", "", "bearer_refused", "", "a bearer alone is not enough, the cookie is wanted")),
    row("gateway", "", "session_limit", "sessions=4 full=refuse|evict", "few sessions at a time"),
    row("gateway", "A12", "digest", "kind=stale|nonce_per_request|nc_replay|no_qop|auth_int|md5_sess", "odd digest challenges"),
    row("gateway", "", "garbage_challenge", "", "the challenge is four bytes that mean nothing"),
    row("gateway", "K3", "clock_skew", "behind=2d", "the gateway's clock is behind: fresh tokens are refused"),
    row("gateway", "D1", "rollover", "at=1190000 counter=production|consumption|net|storage", "a lifetime begins again at 0 whenever it reaches so many Wh; stays so"),
    row("gateway", "D2", "step_down", "by=1200000 counter=production|consumption|net|storage", "a lifetime drops by so many Wh; stays so"),
    row("gateway", "D3", "zeros_after_boot", "down=60s length=3m", "reboots now, then all powers and counters are 0 for a while"),
    row("gateway", "D5", "half", "counter=storage|production|consumption|net", "a lifetime is exactly half of what it was"),
    row("gateway", "D6", "net_copy", "", "total consumption is a copy of net consumption"),
    row("gateway", "D7", "frozen", "", "readings and their times stand still"),
    row("gateway", "", "duplicate", "every=2m", "readings and their times move so seldom"),
    row("gateway", "", "out_of_order", "by=1m", "every other minute (or so) readings are older than those before"),
    row("gateway", "D8", "huge_today", "by=5000000 counter=production|consumption|net|storage", "today is so many Wh too much"),
    row("gateway", "D9", "reset_to_nonzero", "to=1234 counter=production|consumption|net|storage", "a lifetime begins again at so many Wh; stays so"),
    row("cloud", "C1", "wrong_password", "", "every login is refused"),
    row("cloud", "C2", "mfa", "shape=success|requires_mfa code=123456", "a one-time code is wanted"),
    row("cloud", "C3", "blocked", "", "the account is blocked"),
    row("cloud", "C4", "too_many_sessions", "", "too many active sessions"),
    row("cloud", "C5", "rate_limited", "retry_after=SECONDS|TEXT form=seconds|date", "429; seconds can be told as a date"),
    row("cloud", "C6", "login_wall", "", "status 200 and the login page instead of JSON"),
    row("cloud", "C7", "down", "status=503 how=hang|refused", "no use: an error status, or no answer at all"),
    row("cloud", "", "captive_portal", "kind=page|redirect|certificate", "a network's login page stands before it; over TLS with its own certificate"),
    row("cloud", "C12", "slow_cloud", "by=60s", "answers come late"),
    on(TOKENS, row("cloud", "C9", "tokens_503", "", "logins work, tokens are not to be had")),
    on(TOKENS, row("cloud", "C10", "endpoint_moved", "status=404", "one path is gone")),
    row("cloud", "", "user_agent_required", "", "403 for requests without a User-Agent"),
    on(LOGIN, row("cloud", "", "form_login_only", "", "406: only the form /login/login works")),
    on(LOGIN, row("cloud", "", "multipart_only", "", "415 for urlencoded logins")),
    on(LOGIN, row("cloud", "", "empty_login", "", "an accepted login has no body, only cookies")),
    on(LOGIN, row("cloud", "", "lean_login", "", "an accepted login has neither manager_token nor is_consumer")),
    on(TOKENS, row("cloud", "", "tokens_json", "", "tokens come as JSON, not as bare text")),
    row("cloud", "A7", "not_jwt", "kind=textarea_error|json|text|empty|two_segments|html", "something else than a token"),
    row("cloud", "A6", "wrong_aud", "serial=999999999999", "tokens for another gateway"),
    row("cloud", "A11", "odd_jwt", "kind=none|hs256|exp_milliseconds|exp_missing|iat_future|huge|wrong_key|expired", "odd tokens"),
    row("cloud", "A8", "role_drop", "role=owner", "tokens of another role than before"),
    row("cloud", "A10", "installer_12h", "", "installer tokens of 12 hours"),
    row("cloud", "", "short_token", "life=60s", "tokens that live shortly"),
];

/// All faults that can be set.
#[must_use]
pub fn faults() -> &'static [FaultInfo] {
    FAULTS
}

impl FaultInfo {
    pub(super) fn named(name: &str) -> Result<&'static Self, FaultError> {
        let by_name = |info: &&Self| {
            info.name == name || !info.code.is_empty() && info.code.eq_ignore_ascii_case(name)
        };
        FAULTS.iter().find(by_name).ok_or_else(|| FaultError::Unknown {
            kind: "fault",
            name: name.to_owned(),
            nearest: nearest(name, FAULTS.iter().map(|info| info.name)),
        })
    }
}

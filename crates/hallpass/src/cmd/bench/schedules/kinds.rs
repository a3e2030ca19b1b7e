//! What can befall a client in a day, with how long it takes.

/// One kind of trouble.
#[derive(Debug)]
pub(super) struct Kind {
    /// The fault or event; one at a time.
    pub(super) name: &'static str,
    /// The step it begins with; of each `{this|that}` one is taken.
    pub(super) begin: Option<&'static str>,
    /// The steps it ends with.
    pub(super) end: &'static [&'static str],
    /// The shortest and the longest, in minutes.
    pub(super) minutes: (f64, f64),
    pub(super) costs: Costs,
}

/// What may be lost by it, besides readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Costs {
    Nothing,
    /// The token: a login is due.
    Token,
    /// Logins, while it lasts or for longer.
    Cloud,
    /// The certainty of who the gateway is: a person must look.
    Person,
}

macro_rules! kinds {
    ($($costs:ident $least:literal..$most:literal $name:literal $begin:literal $(=> $($end:literal),+)?;)*) => {
        &[$(Kind {
            name: $name,
            begin: Some($begin),
            end: &[$($($end),+)?],
            minutes: ($least, $most),
            costs: Costs::$costs,
        }),*]
    };
}

pub(super) const KINDS: &[Kind] = kinds! {
    Nothing 4.0..5.0 "reboot" "event reboot down={10s|60s|3m} starting={0s|60s|2m}";
    Nothing 0.1..0.2 "expire-session" "event expire-session";
    Nothing 0.1..0.2 "cut-connections" "event cut-connections";
    Nothing 2.0..20.0 "gateway_504" "fault gateway_504 status={502|503|504}" => "clear gateway_504";
    Nothing 2.0..15.0 "hang" "fault hang" => "clear hang";
    Nothing 2.0..60.0 "refused" "fault refused" => "clear refused";
    Nothing 2.0..30.0 "not_a_gateway" "fault not_a_gateway" => "clear not_a_gateway";
    Nothing 5.0..120.0 "slow" "fault slow by={3s|20s|44s} path={/production.json|/ivp/meters|/info}" => "clear slow";
    Nothing 5.0..240.0 "recorded_delays" "fault recorded_delays" => "clear recorded_delays";
    Nothing 5.0..240.0 "overload" "fault overload" => "clear overload";
    Nothing 5.0..240.0 "keepalive_reset" "fault keepalive_reset how={reset|close}" => "clear keepalive_reset";
    Nothing 5.0..60.0 "slowloris" "fault slowloris path={/production.json|/info}" => "clear slowloris";
    Nothing 5.0..240.0 "html200" "fault html200 path={/production.json|/ivp/*|/api/*}" => "clear html200";
    Nothing 5.0..240.0 "truncated_body" "fault truncated_body path={/production.json|/info|/ivp/*}" => "clear truncated_body";
    Nothing 5.0..60.0 "empty_body" "fault empty_body path={/production.json|/info|/auth/check_jwt}" => "clear empty_body";
    Nothing 5.0..60.0 "endless_body" "fault endless_body" => "clear endless_body";
    Nothing 5.0..60.0 "wrong_length" "fault wrong_length" => "clear wrong_length";
    Nothing 5.0..60.0 "half_chunk" "fault half_chunk" => "clear half_chunk";
    Nothing 5.0..240.0 "odd_numbers" "fault odd_numbers kind={nan|infinity|huge|text|blank|null|duplicate|bom|bad_utf8|deep|negative_zero} path={*|/production.json}" => "clear odd_numbers";
    Nothing 5.0..240.0 "shape_change" "fault shape_change kind={empty|unknown|shorter|words} path={*|/ivp/meters}" => "clear shape_change";
    Nothing 5.0..600.0 "one_endpoint_401" "fault one_endpoint_401 path={/production.json|/ivp/meters|/inventory.json}" => "clear one_endpoint_401";
    Nothing 5.0..60.0 "redirects" "fault redirects status={301|302|307} path={*|/production.json}" => "clear redirects";
    Nothing 5.0..60.0 "no_serial" "fault no_serial" => "clear no_serial";
    Nothing 60.0..600.0 "idle_session" "fault idle_session after={2s|60s}" => "clear idle_session";
    Nothing 5.0..240.0 "bearer_refused" "fault bearer_refused path=*" => "clear bearer_refused";
    Nothing 5.0..240.0 "session_limit" "fault session_limit sessions={1|4} full={refuse|evict}" => "clear session_limit";
    Nothing 5.0..60.0 "lossy" "fault lossy kind={loss|latency|half_open|black_hole}" => "clear lossy";
    Nothing 5.0..240.0 "tls_quirks" "fault tls_quirks kind={tls12_only|expired|no_san|sni_refused}" => "clear tls_quirks";
    Nothing 5.0..60.0 "digest" "fault digest kind={stale|nonce_per_request|nc_replay|no_qop}" => "clear digest";
    Nothing 5.0..240.0 "frozen" "fault frozen" => "clear frozen";
    Nothing 1.0..2.0 "step_down" "fault step_down";
    Nothing 20.0..600.0 "sleeps" "client sleeps {5m|1h|3h}";
    Nothing 0.1..0.2 "restarts" "client restarts";
    Nothing 30.0..90.0 "clock steps" "client clock steps by -1h" => "client clock steps by +1h";
    Nothing 30.0..90.0 "clock leaps" "client clock steps by +2y" => "client clock steps by -2y";
    Nothing 5.0..60.0 "burst_401" "fault burst_401" => "clear burst_401";
    Nothing 60.0..600.0 "clock_skew" "fault clock_skew behind={1h|2d}" => "clear clock_skew";
    Token 25.0..40.0 "fw_update" "fault fw_update down={2m|20m}";
    Token 1.0..2.0 "expire-token" "event expire-token";
    Token 1.0..2.0 "late_401" "fault late_401 by={5s|30s}" => "clear late_401";
    Cloud 5.0..600.0 "down" "fault down status={500|502|503|504}" => "clear down";
    Cloud 5.0..600.0 "cloud hangs" "fault down how={hang|refused}" => "clear down";
    Cloud 5.0..240.0 "rate_limited" "fault rate_limited retry_after={60|600|3600} form={seconds|date}" => "clear rate_limited";
    Cloud 5.0..600.0 "captive_portal" "fault captive_portal kind={page|redirect}" => "clear captive_portal";
    Cloud 5.0..600.0 "slow_cloud" "fault slow_cloud by={5s|60s}" => "clear slow_cloud";
    Cloud 5.0..600.0 "wrong_password" "fault wrong_password" => "clear wrong_password";
    Cloud 5.0..600.0 "mfa" "fault mfa" => "clear mfa";
    Cloud 5.0..600.0 "blocked" "fault blocked" => "clear blocked";
    Cloud 5.0..600.0 "too_many_sessions" "fault too_many_sessions" => "clear too_many_sessions";
    Cloud 5.0..600.0 "login_wall" "fault login_wall" => "clear login_wall";
    Cloud 5.0..600.0 "tokens_503" "fault tokens_503" => "clear tokens_503";
    Cloud 5.0..600.0 "endpoint_moved" "fault endpoint_moved status={403|404|406}" => "clear endpoint_moved";
    Cloud 5.0..600.0 "not_jwt" "fault not_jwt kind={textarea_error|empty|two_segments|html}" => "clear not_jwt";
    Cloud 5.0..600.0 "wrong_aud" "fault wrong_aud" => "clear wrong_aud";
    Cloud 5.0..600.0 "odd_jwt" "fault odd_jwt kind={none|hs256|exp_milliseconds|exp_missing|iat_future|huge|wrong_key|expired}" => "clear odd_jwt";
    Cloud 5.0..600.0 "new_refused" "fault new_refused" => "clear new_refused";
    Person 5.0..60.0 "impostor" "fault impostor" => "clear impostor", "client accepts the new key", "client restarts";
    Person 5.0..60.0 "midstream_swap" "fault midstream_swap" => "clear midstream_swap", "client accepts the new key", "client restarts";
    Person 5.0..60.0 "https_gone" "fault https_gone" => "clear https_gone", "client accepts the new key", "client restarts";
    Person 5.0..60.0 "cert_rotated" "event rotate-certificate" => "event trust-certificate", "client accepts the new key", "client restarts";
};

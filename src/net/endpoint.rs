//! The endpoint itself: which sockets it opens and which helpers it uses, for each [`NetworkMode`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use iroh::address_lookup::{AddrFilter, AddressLookupBuilder, DnsAddressLookup, PkarrPublisher, PkarrResolver};
use iroh::endpoint::{
    BindOpts, Builder, IdleTimeout, PortmapperConfig, QuicTransportConfig, QuicTransportConfigBuilder, VarInt,
    default_relay_mode, presets,
};
use iroh::{Endpoint, RelayConfig, RelayMode, SecretKey};
use iroh_mdns_address_lookup::MdnsAddressLookup;

use super::NetError;
use super::config::{NetConfig, NetworkMode};
use super::event::Protocol;
use super::hints::own_relay;

/// Our own mDNS service name, so that other programs that use the same library are not mixed with ours.
const MDNS_SERVICE: &str = "partyline";
/// A silent connection is kept alive this often,
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// and given up after this time in milliseconds.
const IDLE: VarInt = VarInt::from_u32(15_000);
/// One of several paths to the same peer is given up earlier; the transport allows no more.
const PATH_IDLE: Duration = Duration::from_secs(15);
/// What one link may have on its way to us before our engine has read it, in bytes: two of the longest frames.
const WINDOW: VarInt = VarInt::from_u32(512 * 1024);
/// What one link may have sent and not yet heard of, in bytes; frames beyond that wait in the link's queue.
const SEND_WINDOW: u64 = 1024 * 1024;

/// What a connection for files may have on its way to us, in bytes: in a round trip of 100 ms that is 20 MiB/s. Not more, because
/// the transport gives a connection up whose stream has more than 1024 pieces with gaps between them ("too many gaps in stream
/// buffer"), and so many come out of a larger window when every other packet of 1200 bytes is lost.
const FILES_WINDOW: VarInt = VarInt::from_u32(2 * 1024 * 1024);
/// What a connection for files may have sent and not yet heard of, in bytes: what the other side's window takes.
const FILES_SEND_WINDOW: u64 = 2 * 1024 * 1024;

/// How often the wanted port is tried: the transport lets go of its sockets a moment after it says that it is closed, so who
/// starts again at once may come too early.
const PORT_TRIES: u32 = 5;
/// The pause between two tries.
const PORT_PAUSE: Duration = Duration::from_millis(20);

/// Opens the endpoint at the wanted port, or else at any free one.
pub(super) async fn open(config: &NetConfig, key: &SecretKey) -> Result<Endpoint, NetError> {
    if let Some(port) = config.port.filter(|port| *port != 0) {
        for _ in 0..PORT_TRIES {
            match sockets(builder(config, key)?, config, port)?.bind().await {
                Ok(endpoint) => return Ok(endpoint),
                Err(error) => tracing::debug!("UDP port {port} is not free: {error:#}"),
            }
            tokio::time::sleep(PORT_PAUSE).await;
        }
        tracing::info!("UDP port {port} is taken, so another one is used");
    }
    sockets(builder(config, key)?, config, 0)?
        .bind()
        .await
        .map_err(|error| {
            tracing::warn!("no network endpoint: {error:#}");
            NetError::Unavailable
        })
}

fn builder(config: &NetConfig, key: &SecretKey) -> Result<Builder, NetError> {
    let transport = transport()
        .stream_receive_window(WINDOW)
        .receive_window(WINDOW)
        .send_window(SEND_WINDOW)
        .build();
    let builder = Endpoint::builder(presets::Minimal)
        .secret_key(key.clone())
        .alpns(Protocol::ALL.iter().map(|protocol| protocol.alpn().to_vec()).collect())
        .transport_config(transport);
    // The name services come later: see `set_lookups`.
    Ok(match &config.mode {
        NetworkMode::PublicRelays => builder.relay_mode(default_relay_mode()),
        NetworkMode::OwnRelay { url, token } => {
            let relay = RelayConfig::from(own_relay(url)?);
            let relay = match token {
                Some(token) => relay.with_auth_token(token),
                None => relay,
            };
            builder.relay_mode(RelayMode::Custom(relay.into()))
        }
        NetworkMode::LocalNetwork | NetworkMode::Loopback => builder
            .relay_mode(RelayMode::Disabled)
            .portmapper_config(PortmapperConfig::Disabled),
    })
}

/// What all connections have in common: one stream at a time that the dialer opens, and when silence is the end.
fn transport() -> QuicTransportConfigBuilder {
    QuicTransportConfig::builder()
        .max_idle_timeout(Some(IdleTimeout::from(IDLE)))
        .keep_alive_interval(KEEP_ALIVE)
        .default_path_max_idle_timeout(PATH_IDLE)
        .default_path_keep_alive_interval(KEEP_ALIVE)
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
}

/// How connections for files are set up, on both ends.
pub(super) fn files_transport() -> QuicTransportConfig {
    transport()
        .stream_receive_window(FILES_WINDOW)
        .receive_window(FILES_WINDOW)
        .send_window(FILES_SEND_WINDOW)
        .build()
}

/// IPv4 is needed, IPv6 is welcome.
fn sockets(builder: Builder, config: &NetConfig, port: u16) -> Result<Builder, NetError> {
    let builder = builder.clear_ip_transports();
    let unusable = |_invalid| NetError::Unavailable;
    if config.mode == NetworkMode::Loopback {
        return builder
            .bind_addr(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .map_err(unusable);
    }
    builder
        .bind_addr(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)))
        .and_then(|builder| {
            let optional = BindOpts::default().set_is_required(false);
            builder.bind_addr_with_opts(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)), optional)
        })
        .map_err(unusable)
}

/// Puts in place what finds peers' addresses and makes ours known; replaces what was there.
///
/// Called again when advertising goes on or off, because the mDNS service cannot be switched. A look-up under way then
/// ends early.
#[expect(clippy::fn_params_excessive_bools, reason = "a switch, handed through by its name")]
pub(super) fn set_lookups(endpoint: &Endpoint, mode: &NetworkMode, advertise: bool) {
    let Ok(services) = endpoint.address_lookup() else {
        return;
    };
    services.clear();
    if *mode == NetworkMode::PublicRelays {
        // What is published to the world is the relay, never an IP address.
        add(
            endpoint,
            "pkarr publisher",
            PkarrPublisher::n0_dns().addr_filter(AddrFilter::relay_only()),
        );
        add(endpoint, "pkarr resolver", PkarrResolver::n0_dns());
        add(endpoint, "DNS", DnsAddressLookup::n0_dns());
    }
    if matches!(mode, NetworkMode::PublicRelays | NetworkMode::LocalNetwork) {
        // Only IP addresses: which relay somebody uses is not the local network's business.
        let mdns = MdnsAddressLookup::builder()
            .service_name(MDNS_SERVICE)
            .advertise(advertise);
        add(endpoint, "mDNS", mdns.addr_filter(AddrFilter::ip_only()));
    }
}

/// A service that cannot start is a way less to find peers, not a failure.
fn add(endpoint: &Endpoint, name: &str, builder: impl AddressLookupBuilder) {
    let Ok(services) = endpoint.address_lookup() else {
        return;
    };
    match builder.into_address_lookup(endpoint) {
        Ok(service) => services.add(service),
        Err(error) => tracing::warn!("{name} is not available: {error:#}"),
    }
}

/// This machine's own addresses, as far as the endpoint has found them.
pub(super) fn local_addresses(endpoint: &Endpoint) -> Vec<IpAddr> {
    endpoint.addr().ip_addrs().map(SocketAddr::ip).collect()
}

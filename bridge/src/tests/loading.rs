//! The configuration from environment and TOML.

use super::caller::{Errors, Told, lend, on_error, text};
use crate::{
    bytes::Pair,
    config::{Config, ConfigOptions, SWITCH_OFF, SWITCH_ON, SWITCH_UNSET, tb_load_client_config},
};
use std::{ffi::c_void, mem::zeroed, sync::mpsc};

/// A configuration after its callback.
#[derive(Debug, PartialEq, Default)]
struct Loaded {
    address: String,
    namespace: String,
    api_key: String,
    tls: i32,
    server_name: String,
    client_cert_path: String,
    client_key_data: String,
    headers: Vec<(String, String)>,
}

fn load(
    toml: &str,
    environment: &[(&str, &str)],
    change: impl Fn(&mut ConfigOptions),
) -> Result<Loaded, Told> {
    unsafe extern "C" fn on_config(user_data: *mut c_void, config: *const Config) {
        let config = unsafe { &*config };
        let headers = unsafe { crate::bytes::array(config.headers, config.header_count) };
        let loaded = Loaded {
            address: text(config.address),
            namespace: text(config.namespace_),
            api_key: text(config.api_key),
            tls: config.tls,
            server_name: text(config.tls_server_name),
            client_cert_path: text(config.tls_client_cert.path),
            client_key_data: text(config.tls_client_key.data),
            headers: headers.iter().map(|pair| (text(pair.key), text(pair.value))).collect(),
        };
        unsafe { &*user_data.cast::<Callbacks>() }.0.send(Ok(loaded)).unwrap();
    }
    unsafe extern "C" fn on_failure(user_data: *mut c_void, error: *const crate::error::Error) {
        let errors = Errors::new();
        unsafe { on_error(errors.user_data(), error) };
        let told = errors.take().unwrap();
        unsafe { &*user_data.cast::<Callbacks>() }.0.send(Err(told)).unwrap();
    }
    struct Callbacks(mpsc::Sender<Result<Loaded, Told>>);

    let (sender, receiver) = mpsc::channel();
    let callbacks = Callbacks(sender);
    // One more than counted: the array of an empty environment must not be null.
    let mut pairs: Vec<Pair> = environment
        .iter()
        .map(|(key, value)| Pair { key: lend(key), value: lend(value) })
        .collect();
    pairs.push(Pair { key: lend("not"), value: lend("counted") });
    let mut options = ConfigOptions {
        config_data: lend(toml),
        environment: pairs.as_ptr(),
        environment_count: environment.len(),
        ..unsafe { zeroed() }
    };
    change(&mut options);
    let user_data = (&raw const callbacks).cast_mut().cast();
    let loaded = unsafe { tb_load_client_config(&options, user_data, on_config, Some(on_failure)) };
    let result = receiver.try_recv().expect("a callback came from inside the call");
    assert!(receiver.try_recv().is_err(), "only one");
    assert_eq!(loaded, result.is_ok());
    result
}

const FILE: &str = r#"
[profile.default]
address = "default:7233"

[profile.prod]
address = "prod:7233"
namespace = "orders"
api_key = "secret"
[profile.prod.tls]
server_name = "temporal.example"
client_cert_path = "/cert.pem"
client_key_data = "KEY"
[profile.prod.grpc_meta]
zone = "b"
area = "a"
"#;

#[test]
fn a_file_without_a_profile_named_means_default() {
    let loaded = load(FILE, &[], |_| {}).unwrap();
    assert_eq!(loaded, Loaded { address: "default:7233".into(), ..Loaded::default() });
    assert_eq!(loaded.tls, SWITCH_UNSET);
}

#[test]
fn a_profile_comes_whole_and_the_environment_wins() {
    let loaded = load(FILE, &[("TEMPORAL_ADDRESS", "env:1")], |o| o.profile = lend("prod"));
    let expected = Loaded {
        address: "env:1".into(),
        namespace: "orders".into(),
        api_key: "secret".into(),
        tls: SWITCH_ON,
        server_name: "temporal.example".into(),
        client_cert_path: "/cert.pem".into(),
        client_key_data: "KEY".into(),
        headers: vec![("area".into(), "a".into()), ("zone".into(), "b".into())],
    };
    assert_eq!(loaded.unwrap(), expected);
    let off = load(FILE, &[("TEMPORAL_PROFILE", "prod"), ("TEMPORAL_TLS", "false")], |_| {});
    assert_eq!(off.unwrap().tls, SWITCH_OFF);
}

#[test]
fn each_source_can_be_left_out() {
    let environment = [("TEMPORAL_NAMESPACE", "n")];
    let no_file = load(FILE, &environment, |o| o.disable_file = true).unwrap();
    assert_eq!(no_file, Loaded { namespace: "n".into(), ..Loaded::default() });
    let no_env = load(FILE, &environment, |o| o.disable_env = true).unwrap();
    assert_eq!(no_env, Loaded { address: "default:7233".into(), ..Loaded::default() });
}

#[test]
fn mistakes_are_one_sentence() {
    let unknown = load(FILE, &[], |o| o.profile = lend("stage")).unwrap_err();
    assert_eq!(unknown.message, "Profile 'stage' not found");
    let broken = load("[profile", &[], |_| {}).unwrap_err();
    assert!(broken.message.starts_with("Configuration loading error"), "{broken:?}");
    assert!(load("[profile.default]\ncolour = 1", &[], |_| {}).is_ok());
    assert!(load("[profile.default]\ncolour = 1", &[], |o| o.strict = true).is_err());
}

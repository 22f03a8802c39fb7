use super::is_loopback;

#[test]
fn only_this_machine_is_loopback() {
    for url in ["http://127.0.0.1:7300", "http://127.0.0.1", "http://[::1]:7300/", "http://localhost:1/x"] {
        assert!(is_loopback(url), "{url}");
    }
    for url in ["http://10.0.0.1:7300", "http://localhost.example.com", "http://127.0.0.1@evil.example", "nonsense"] {
        assert!(!is_loopback(url), "{url}");
    }
}

#![allow(clippy::unwrap_used, reason = "a failed test says where")]

use super::*;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use tower::ServiceExt as _;

async fn ask(path: &str, headers: &[(HeaderName, &str)]) -> Response {
    let request = Request::get(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, *value));
    site().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn header_of(response: &Response, name: HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn body(response: Response) -> Vec<u8> {
    to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_files() {
    let response = ask("/", &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header_of(&response, header::CONTENT_TYPE), "text/html; charset=utf-8");
    let policy = header_of(&response, header::CONTENT_SECURITY_POLICY).to_owned();
    assert!(
        policy.starts_with("default-src 'none';") && !policy.contains("unsafe") && !policy.contains('*'),
        "{policy}"
    );
    let page = String::from_utf8(body(response).await).unwrap();
    assert!(page.contains("<title>") && !page.contains("://"), "the page names something elsewhere:\n{page}");
}

#[tokio::test]
async fn every_file_is_there_in_both_forms() {
    for file in FILES {
        let plain = ask(file.path, &[]).await;
        assert_eq!(header_of(&plain, header::CONTENT_ENCODING), "");
        let length = body(plain).await.len();
        let zipped = ask(file.path, &[(header::ACCEPT_ENCODING, "br, gzip;q=0.8")]).await;
        assert_eq!(header_of(&zipped, header::CONTENT_ENCODING), "gzip");
        let zipped = body(zipped).await;
        assert_eq!(zipped[..2], [0x1f, 0x8b]);
        let stated = zipped.last_chunk().map(|end| u32::from_le_bytes(*end)).unwrap();
        assert_eq!(stated as usize, length, "{}", file.path);
    }
}

#[tokio::test]
async fn who_has_a_file_does_not_get_it_again() {
    let first = ask("/", &[]).await;
    assert_eq!(header_of(&first, header::CACHE_CONTROL), "no-cache");
    let tag = header_of(&first, header::ETAG).to_owned();
    let weak = format!("\"other\", W/{tag}");
    for known in [&tag, &weak] {
        let again = ask("/", &[(header::IF_NONE_MATCH, known)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(body(again).await.is_empty());
    }
    assert_eq!(ask("/", &[(header::IF_NONE_MATCH, "\"other\"")]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn names_with_hashes_are_kept_for_ever_and_others_are_not() {
    for file in FILES {
        let response = ask(file.path, &[]).await;
        let caching = header_of(&response, header::CACHE_CONTROL);
        assert_eq!(caching.contains("immutable"), file.path.starts_with("/assets/"), "{}", file.path);
    }
    assert_eq!(ask("/assets/none.js", &[]).await.status(), StatusCode::NOT_FOUND);
}

#[test]
fn codings_that_are_refused_are_not_sent() {
    for (coding, accepted) in
        [("gzip", true), ("GZIP; q=1", true), ("gzip;q=0", false), ("gzip;q=no", false), ("br", false)]
    {
        assert_eq!(accepts_gzip(coding), accepted, "{coding}");
    }
}

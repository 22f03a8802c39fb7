//! `tallow account list`

use super::show;
use crate::context::Context;
use crate::failure::Failure;
use crate::keystore::{Kept, KeystoreError};
use serde_json::{Value, json};

/// One line each; a file that cannot be read says why.
pub(crate) fn run(context: &Context) -> Result<(), Failure> {
    let default = context.keystore.default_account()?;
    let mut documents = Vec::new();
    for kept in context.keystore.all()? {
        let (mut document, line) = described(&kept, context).unwrap_or_else(|error| broken(&kept, error));
        let chosen = default.as_ref() == Some(&kept);
        document["default"] = json!(chosen);
        let mark = if chosen { '*' } else { ' ' };
        context.output.text(format!("{mark} {line}"));
        documents.push(document);
    }
    if documents.is_empty() {
        context.output.note("no accounts are kept here; `tallow account new NAME` makes one");
    }
    context.output.document(&json!({ "accounts": documents }));
    Ok(())
}

fn described(kept: &Kept, context: &Context) -> Result<(Value, String), KeystoreError> {
    Ok(match kept {
        Kept::Account(name) => {
            let account = context.keystore.account(name)?;
            let line = format!("{:<16} {:<9}  {}", kept.to_string(), account.scheme().name(), account.account());
            (show::document(kept, &account), line)
        }
        Kept::Delegate(name) => {
            let delegate = context.keystore.delegate(name)?;
            let line = format!("{:<16} {:<9}  {}", kept.to_string(), "delegate", delegate.account());
            (show::delegate_document(kept, &delegate), line)
        }
    })
}

fn broken(kept: &Kept, error: KeystoreError) -> (Value, String) {
    let error = format!("{:#}", anyhow::Error::from(error));
    let line = format!("{:<16} unusable: {error}", kept.to_string());
    (json!({ "name": kept.to_string(), "error": error }), line)
}

//! `tallow reference`: the commands' part of `docs/cli.md`, and the list of all commands for tests.

use crate::args::Cli;
use crate::context::Context;
use crate::failure::Failure;
use clap::{Arg, Command, CommandFactory};
use serde_json::json;
use std::fmt::Write as _;

/// Nothing.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, context: &Context) -> Result<(), Failure> {
    let mut command = Cli::command();
    command.build();
    let mut commands = Vec::new();
    collect(&command, "tallow", &mut commands);
    let names: Vec<&str> = commands.iter().map(|(name, _)| name.as_str()).collect();
    context.output.document(&json!({ "commands": names }));
    let sections = commands.iter().map(|(name, command)| section(name, command));
    context.output.text(sections.collect::<Vec<_>>().join("\n").trim_end());
    Ok(())
}

/// A command and all below it, each with its whole name.
fn collect<'a>(command: &'a Command, name: &str, commands: &mut Vec<(String, &'a Command)>) {
    commands.push((name.to_owned(), command));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
        collect(below, &format!("{name} {}", below.get_name()), commands);
    }
}

fn section(name: &str, command: &Command) -> String {
    let mut text = format!("## {name}\n\n");
    let about = command.get_long_about().or_else(|| command.get_about());
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").lines().map(str::trim).collect::<Vec<_>>().join("\n");
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{}\n\n    {}\n",
        about.map(ToString::to_string).unwrap_or_default(),
        usage.replace('\n', "\n    ")
    );
    let is_root = name == "tallow";
    let own = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let own = own.filter(|argument| is_root || !argument.is_global_set());
    let rows: Vec<String> = own.filter(|argument| argument.get_id() != "help").map(row).collect();
    if !rows.is_empty() {
        let _ = write!(text, "\n| argument | meaning |\n|---|---|\n{}\n", rows.join("\n"));
    }
    text
}

fn row(argument: &Arg) -> String {
    let flag = argument.get_long().map(|long| format!("--{long}"));
    let names = argument.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>"));
    let takes = argument.get_action().takes_values() || flag.is_none();
    let value = if takes { names.collect::<Vec<_>>().join(" ") } else { String::new() };
    let name = [flag.unwrap_or_default(), value].join(" ");
    let mut meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if takes && !defaults.is_empty() {
        meaning.push_str(&format!(" Default: `{}`.", defaults.join(" ")));
    }
    if let Some(variable) = argument.get_env() {
        meaning.push_str(&format!(" Environment: `{}`.", variable.to_string_lossy()));
    }
    format!("| `{}` | {} |", name.trim(), meaning.replace('|', "\\|").replace('\n', " "))
}

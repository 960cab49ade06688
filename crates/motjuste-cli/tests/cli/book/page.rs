//! What the binary says of itself.

use std::process::Command;

/// The names of all commands, `""` for the program itself and `solve tsp` for one in another.
pub fn names() -> Vec<String> {
    let mut names = vec![String::new()];
    for name in below("") {
        names.push(name.clone());
        names.extend(below(&name).into_iter().map(|inner| format!("{name} {inner}")));
    }
    names
}

/// The commands that the help of a command lists.
fn below(name: &str) -> Vec<String> {
    let help = help(name);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let named = listed.filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    named.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// The help of a command, whatever the environment.
pub fn help(name: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_motjuste"));
    command.args(name.split_whitespace()).arg("--help");
    command.env_remove("MOTJUSTE_STORE").env_remove("MOTJUSTE_PRICES");
    let output = command.output().unwrap();
    assert!(output.status.success(), "motjuste {name} --help");
    String::from_utf8(output.stdout).unwrap()
}

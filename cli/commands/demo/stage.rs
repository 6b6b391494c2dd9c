//! Where the demo plays: a folder for each party, and the running and showing of command lines.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use clap::Parser;
use tempfile::TempDir;

use crate::{
    args::Cli,
    commands,
    context::Context,
    error::{Class, Failure},
    home::{Home, VARIABLE, cannot},
};

/// One who plays.
pub struct Party {
    /// Name of its folder, its key and its public line.
    pub folder: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// The state folder of a party, in its folder.
const HOME: &str = "home";

/// The stage. The folder from which the demo was started is the current one again when it ends.
pub struct Stage<'a, 'b> {
    cx: &'a mut Context<'b>,
    root: PathBuf,
    /// Removed at the end, where the files are not kept.
    temporary: Option<TempDir>,
    came_from: PathBuf,
    commands: usize,
}

impl<'a, 'b> Stage<'a, 'b> {
    /// Makes the folders.
    pub fn new(cx: &'a mut Context<'b>, keep: Option<&Path>, parties: &[Party]) -> Result<Stage<'a, 'b>, Failure> {
        let came_from = env::current_dir().map_err(|e| cannot("find", Path::new("."), &e))?;
        let temporary = match keep {
            Some(_) => None,
            None => Some(
                tempfile::Builder::new()
                    .prefix("consign-demo-")
                    .tempdir()
                    .map_err(|e| cannot("make", &env::temp_dir(), &e))?,
            ),
        };
        let root = match (&temporary, keep) {
            (Some(folder), _) => folder.path().to_path_buf(),
            (None, keep) => {
                let root = came_from.join(keep.unwrap_or(Path::new("")));
                if fs::read_dir(&root).is_ok_and(|mut entries| entries.next().is_some()) {
                    return Err(Failure::usage(
                        format!("{} is not empty", root.display()),
                        "name a folder that is empty or does not exist",
                    ));
                }
                root
            }
        };
        for party in parties {
            let folder = root.join(party.folder);
            fs::create_dir_all(&folder).map_err(|e| cannot("make", &folder, &e))?;
        }
        let mut stage = Stage { cx, root, temporary, came_from, commands: 0 };
        stage.says("each party works in its own folder; to repeat a step by hand, go there and")?;
        stage.says(&format!("export {VARIABLE}={HOME}"))?;
        Ok(stage)
    }

    /// Ends: the number of commands that were run, and the folder if it is kept.
    pub fn end(self) -> Result<(usize, Option<PathBuf>), Failure> {
        let (commands, root, temporary) = (self.commands, self.root.clone(), self.temporary.is_some());
        drop(self);
        Ok((commands, (!temporary).then_some(root)))
    }

    /// A heading.
    pub fn chapter(&mut self, title: &str) -> Result<(), Failure> {
        Ok(writeln!(self.cx.out, "\n== {title}\n")?)
    }

    /// A remark.
    pub fn says(&mut self, words: &str) -> Result<(), Failure> {
        Ok(writeln!(self.cx.out, "# {words}")?)
    }

    /// What a party could see.
    pub fn sees(&mut self, what: &str) -> Result<(), Failure> {
        Ok(writeln!(self.cx.out, "-> {what}")?)
    }

    /// The folder of a party.
    pub fn folder(&self, party: &Party) -> PathBuf {
        self.root.join(party.folder)
    }

    /// Puts a bundled file in a party's folder.
    pub fn bundled(&self, party: &Party, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.folder(party).join(name);
        fs::write(&path, bytes).map_err(|e| cannot("write", &path, &e))
    }

    /// Copies a file from one party's folder to another's.
    pub fn copy(&self, from: &Party, file: &str, to: &Party) -> Result<(), Failure> {
        let path = self.folder(from).join(file);
        fs::copy(&path, self.folder(to).join(file)).map(drop).map_err(|e| cannot("copy", &path, &e))
    }

    /// One party sends files to another.
    pub fn hands(&mut self, from: &Party, files: &[&str], to: &Party) -> Result<(), Failure> {
        files.iter().try_for_each(|file| self.copy(from, file, to))?;
        self.says(&format!("{} sends {} to {}", from.folder, files.join(" and "), to.folder))
    }

    /// Runs a command line and shows what it prints.
    pub fn runs(&mut self, party: &Party, words: &[&str]) -> Result<(), Failure> {
        let (done, printed) = self.run(party, words)?;
        self.show(&printed)?;
        done
    }

    /// Runs a command line whose output is of no interest.
    pub fn quietly(&mut self, party: &Party, words: &[&str]) -> Result<(), Failure> {
        self.run(party, words)?.0
    }

    /// Runs a command line that must be refused, the answer being no, with these words.
    pub fn refused(&mut self, party: &Party, words: &[&str], with: &str) -> Result<(), Failure> {
        let before = files_of(&self.folder(party));
        let (done, _) = self.run(party, words)?;
        let bug = |what: String| Failure::new(Class::Bug, what, "report this, with your version of consign");
        match done {
            Err(failure) if failure.class() == Class::No && failure.message().contains(with) => {
                if files_of(&self.folder(party)) != before {
                    return Err(bug(format!("the demo left a file behind where it was refused: {with}")));
                }
                self.show(&failure.to_string())
            }
            Err(failure) => Err(bug(format!("the demo was refused for another reason: {}", failure.message()))),
            Ok(()) => Err(bug(format!("the demo was not refused where it should be: {with}"))),
        }
    }

    /// Parses and runs a command line in the party's folder, as the party's shell would.
    fn run(&mut self, party: &Party, words: &[&str]) -> Result<(Result<(), Failure>, String), Failure> {
        let line: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        writeln!(self.cx.out, "{}$ consign {}", party.folder, line.join(" "))?;
        self.cx.out.flush()?;
        let folder = self.folder(party);
        env::set_current_dir(&folder).map_err(|e| cannot("enter", &folder, &e))?;
        let cli = Cli::try_parse_from(["consign"].iter().chain(words))
            .map_err(|e| Failure::new(Class::Bug, format!("the demo's command line is wrong: {e}"), "report this"))?;
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let home = Home::locate(Some(Path::new(HOME)))?;
        let done = commands::run(cli.verb, &mut Context::new(home, &mut out, &mut err));
        self.commands += 1;
        err.append(&mut out);
        Ok((done, String::from_utf8_lossy(&err).into_owned()))
    }

    fn show(&mut self, printed: &str) -> Result<(), Failure> {
        for line in printed.lines() {
            writeln!(self.cx.out, "{}", format!("  {line}").trim_end())?;
        }
        Ok(())
    }
}

impl Drop for Stage<'_, '_> {
    fn drop(&mut self) {
        // Back first: the folder that is to be removed may be the current one.
        let _ = env::set_current_dir(&self.came_from);
    }
}

/// Names in a party's folder, sorted, without its state folder.
fn files_of(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != HOME);
    names.sort();
    names
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{word}'") }
}

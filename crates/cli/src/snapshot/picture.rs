//! What payload files are mapped to, in the one form that snapshots have.

use std::collections::BTreeMap;
use std::path::Path;

use orderbridge_event::tree::Tree;
use orderbridge_rules::Ruled;

use crate::config::Config;
use crate::map::{Each, Mapper, Origin, write_outcome};
use crate::source::{Chosen, SourceArgs, did_you_mean, platforms};
use crate::{Exit, Failed, Global, input};

/// The order of the parts of an outcome: what matters most comes first, bodies last.
const PARTS: &[&str] = &["outcome", "channel", "reason", "error", "notes", "events"];

/// Maps payload files, each as a payload of the source that its folder is named after.
pub(crate) struct Pictures<'a> {
    global: &'a Global,
    config: Option<Config>,
    chosen: BTreeMap<String, Chosen>,
}

impl<'a> Pictures<'a> {
    pub(crate) fn new(global: &'a Global) -> Result<Self, Failed> {
        Ok(Self {
            global,
            config: Config::find(global)?,
            chosen: BTreeMap::new(),
        })
    }

    /// What a file is mapped to: the text of its snapshot.
    pub(crate) fn of(&mut self, name: &str, path: &Path) -> Result<String, Failed> {
        let source = name.split('/').next().unwrap_or_default();
        let lines = self.lines(source, path)?;
        let trees: Option<Vec<Tree<'_>>> = lines.iter().map(|line| canonical(line)).collect();
        let trees = trees.unwrap_or_default();
        let document = match <[Tree<'_>; 1]>::try_from(trees) {
            Ok([one]) => one,
            Err(several) => Tree::List(several),
        };
        Ok(document.pretty() + "\n")
    }

    /// The outcomes of all payloads in a file, as `map` would print them.
    fn lines(&mut self, source: &str, path: &Path) -> Result<Vec<Vec<u8>>, Failed> {
        let chosen = self.source(source)?;
        let unreadable = |why: String| {
            (
                Exit::Usage,
                format!("cannot read {}: {why}", path.display()),
            )
        };
        let file = path.to_str();
        let file = file.ok_or_else(|| unreadable("its name is not UTF-8".to_owned()))?;
        let names = [file.to_owned()];
        let is_report = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("tsv"));
        let report = chosen.source.report.filter(|_| is_report);
        if is_report && report.is_none() {
            let platform = chosen.source.adapter.name();
            return Err(unreadable(format!("there are no reports of {platform}")));
        }
        let mapper = Mapper {
            source: chosen.source,
            topic: report.map_or(chosen.topic.as_str(), |report| report.topic()),
            context: &chosen.context,
            rules: &chosen.rules,
            names: &names,
            parse_only: false,
        };
        let stdin = Box::new(std::io::empty());
        let inputs = input::open(&names, stdin).map_err(|message| (Exit::Usage, message))?;
        let mut lines = Lines(Vec::new());
        let read = mapper.all(inputs, report, &mut lines);
        read.map_err(|unreadable_| unreadable(unreadable_.error.to_string()))?;
        if lines.0.is_empty() {
            return Err(unreadable("there is no payload in it".to_owned()));
        }
        Ok(lines.0)
    }

    /// The source with this name, or else the platform.
    fn source(&mut self, name: &str) -> Result<&Chosen, Failed> {
        if !self.chosen.contains_key(name) {
            let chosen = self.arguments(name)?.choose(self.global)?;
            self.chosen.insert(name.to_owned(), chosen);
        }
        let unexpected = || (Exit::Unexpected, format!("there is no source {name}"));
        self.chosen.get(name).ok_or_else(unexpected)
    }

    fn arguments(&self, name: &str) -> Result<SourceArgs, Failed> {
        let sources = self.config.iter().flat_map(|config| &config.sources);
        let of_platform: Vec<&str> = sources
            .clone()
            .filter(|(_, source)| source.platform == name)
            .map(|(name, _)| name.as_str())
            .collect();
        let configured = self
            .config
            .as_ref()
            .and_then(|config| config.sources.get(name));
        let (platform, source) = match (configured, of_platform.as_slice()) {
            (Some(source), _) => (source.platform.as_str(), Some(name)),
            (None, [_, _, ..]) => {
                let names = of_platform.join(", ");
                let message = format!(
                    "payloads/{name}: there are several sources of {name}: {names}; name the \
                     folder after one of them"
                );
                return Err((Exit::Usage, message));
            }
            (None, _) if platforms().contains(&name) => (name, None),
            (None, _) => {
                let known = sources.map(|(name, _)| name.as_str()).chain(platforms());
                let hint = did_you_mean(name, known);
                let message = format!(
                    "payloads/{name}: there is neither a source nor a platform {name:?}{hint}"
                );
                return Err((Exit::Usage, message));
            }
        };
        Ok(SourceArgs {
            platform: platform.to_owned(),
            topic: None,
            source: source.map(str::to_owned),
            options: Vec::new(),
            received_at: None,
        })
    }
}

struct Lines(Vec<Vec<u8>>);

impl Each for Lines {
    fn ruled(&mut self, origin: Origin<'_>, ruled: &Ruled) {
        let mut line = Vec::new();
        write_outcome(&mut line, &origin, &ruled.result);
        self.0.push(line);
    }
}

/// A line of `map` without what is true of the file only, and in the order of snapshots.
pub(crate) fn canonical(line: &[u8]) -> Option<Tree<'_>> {
    let Tree::Object(mut fields) = Tree::parse(line)? else {
        return None;
    };
    let input = fields.iter().position(|(key, _)| key == "input")?;
    let (_, input) = fields.remove(input);
    let place = |key: &str| PARTS.iter().position(|part| *part == key);
    fields.sort_by_key(|(key, _)| place(key).unwrap_or(PARTS.len()));
    let topic = input.get("topic")?.clone();
    fields.insert(0, ("topic".to_owned(), topic));
    Some(Tree::Object(fields))
}

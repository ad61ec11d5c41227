//! A JSON object as a list of members, so that it can hold what a map cannot: two members of one name, or a number
//! such as `1e400`.

/// Names with their values as JSON text, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Vec<(String, String)>);

/// One change to an object.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// Replaces the member, or adds it at the end.
    Set(String, String),
    /// Adds the member at the end, even if there is one of that name.
    Append(String, String),
    /// Adds the member at the front, even if there is one of that name.
    Prepend(String, String),
    Remove(String),
}

impl Members {
    pub(crate) fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.0.push((name.to_owned(), value.into().to_string()));
        self
    }

    pub(crate) fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Set(name, value) => match self.0.iter_mut().find(|(existing, _)| existing == name) {
                Some(member) => member.1.clone_from(value),
                None => self.0.push((name.clone(), value.clone())),
            },
            Edit::Append(name, value) => self.0.push((name.clone(), value.clone())),
            Edit::Prepend(name, value) => self.0.insert(0, (name.clone(), value.clone())),
            Edit::Remove(name) => self.0.retain(|(existing, _)| existing != name),
        }
    }

    pub(crate) fn to_json(&self) -> String {
        let members: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{}:{value}", serde_json::Value::from(name.as_str()))).collect();
        format!("{{{}}}", members.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_in_order_and_may_repeat_a_name() {
        let mut members = Members::default().with("a", 1).with("b", "x");
        members.apply(&Edit::Set("a".to_owned(), "1e400".to_owned()));
        members.apply(&Edit::Append("b".to_owned(), "\"y\"".to_owned()));
        members.apply(&Edit::Prepend("c".to_owned(), "null".to_owned()));
        assert_eq!(members.to_json(), r#"{"c":null,"a":1e400,"b":"x","b":"y"}"#);
        members.apply(&Edit::Remove("b".to_owned()));
        assert_eq!(members.to_json(), r#"{"c":null,"a":1e400}"#);
    }

    #[test]
    fn names_are_escaped() {
        assert_eq!(Members::default().with("a\"b", 1).to_json(), r#"{"a\"b":1}"#);
    }
}

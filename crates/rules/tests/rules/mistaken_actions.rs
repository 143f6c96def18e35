//! Each mistake in a `then`, with the place that it is told at.

use crate::mistakes::told;
use crate::support::mistakes;

/// What stands behind `then = `, the text at the place, and what is said.
const ACTIONS: &[(&str, &str, &str)] = &[
    (
        "3",
        "3\n",
        "then must be a table, as in { channel = \"offline\" }",
    ),
    (
        "{}",
        "{}\n",
        "then does nothing; it takes channel, drop, set, remove, rename, alias",
    ),
    (
        "{ chanel = \"web\" }",
        "chanel =",
        "there is no action \"chanel\" (did you mean \"channel\"?)",
    ),
    (
        "{ channel = \"shop\" }",
        "\"shop\" }",
        "there is no sales channel \"shop\"",
    ),
    (
        "{ drop = true }",
        "true }\n",
        "drop must be the reason, as in drop = \"an internal order\"",
    ),
    (
        "{ drop = \"\" }",
        "\"\" }\n",
        "drop must be the reason, as in drop = \"an internal order\"",
    ),
    (
        "{ set = \"x\" }",
        "\"x\" }\n",
        "set must be a table of properties, as in { team = \"b2b\" }",
    ),
    (
        "{ set = { id = \"x\" } }",
        "id = \"x\"",
        "\"id\" is no custom property: it is blank, begins with $, or is one of Converge's own, which rules leave alone",
    ),
    (
        "{ set = { \"$email\" = \"x\" } }",
        "\"$email\"",
        "\"$email\" is no custom property: it is blank, begins with $, or is one of Converge's own, which rules leave alone",
    ),
    (
        "{ set = { a = [1] } }",
        "[1] } }\n",
        "set a must be text, a number or a flag: properties are flat",
    ),
    (
        "{ set = { a = \"{emial}\" } }",
        "\"{emial}",
        "set a: there is no field \"emial\" (did you mean \"email\"?)",
    ),
    (
        "{ set = { a = \"{tags}\" } }",
        "\"{tags}\"",
        "set a: tags is a list and has no place in a text",
    ),
    (
        "{ set = { a = \"{email\" } }",
        "\"{email\"",
        "set a: a field in text is written {field}: the } is missing",
    ),
    (
        "{ remove = \"tags\" }",
        "\"tags\" }",
        "remove must be a list of properties, as in [\"tags\"]",
    ),
    (
        "{ remove = [\"total_price\"] }",
        "\"total_p",
        "\"total_price\" is no custom property: it is blank, begins with $, or is one of Converge's own, which rules leave alone",
    ),
    (
        "{ rename = \"Placed Order\" }",
        "\"Placed ",
        "rename must not be \"Placed Order\": that name has a meaning of its own at Converge",
    ),
    (
        "{ alias = \"urn:shop:all\" }",
        "\"urn:sho",
        "alias must name whom it is about, as in \"urn:loyalty:{note_attributes.loyalty_id}\": it begins with urn:<type>:",
    ),
    (
        "{ alias = \"urn:shop:\" }",
        "\"urn:sho",
        "alias must name whom it is about, as in \"urn:loyalty:{note_attributes.loyalty_id}\": the same for all would merge them",
    ),
    (
        "{ alias = \"urn:land:{country}\" }",
        "\"urn:lan",
        "country is shared by many people, so it makes no alias; order_id, note_attributes.<name> and properties.<name> may",
    ),
];

#[test]
fn actions() {
    told(ACTIONS, |then| {
        mistakes(&format!("when = 'true'\nthen = {then}"))
    });
}

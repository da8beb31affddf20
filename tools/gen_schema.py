#!/usr/bin/env python3
"""Writes the C++ schema table from the compiled event schemas.

Usage: gen_schema.py DESCRIPTOR_SET > lib/event/schema_table.inc

DESCRIPTOR_SET is what `protoc --include_imports --descriptor_set_out` writes for the .proto files
of include/vedette/proto. The output is deterministic.
"""
import collections
import sys

from google.protobuf import descriptor_pb2
from google.protobuf import descriptor_pool
from google.protobuf import message_factory

PACKAGE = "vedette.proto."
OPTIONS = "vedette/proto/options.proto"
ENVELOPE = PACKAGE + "Event"
MAX_DEPTH = 8  # of message fields; the schemas have no recursion, this catches one by mistake

FIELD = descriptor_pb2.FieldDescriptorProto
SCALAR_TYPES = {
    FIELD.TYPE_STRING: "kString",
    FIELD.TYPE_BYTES: "kBytes",
    FIELD.TYPE_BOOL: "kBoolean",
    FIELD.TYPE_DOUBLE: "kNumber",
    FIELD.TYPE_FLOAT: "kNumber",
}
KINDS = {1: "kTime", 2: "kIp"}

Leaf = collections.namedtuple("Leaf", "type repeated")
Row = collections.namedtuple("Row", "class_uid path type repeated sigma ecs rank")


class SchemaError(Exception):
    """The schemas contradict themselves."""


def register_options(serialized):
    """Makes the schema options known, so that they parse; returns extensions by name."""
    for file in descriptor_pb2.FileDescriptorSet.FromString(serialized).file:
        if file.name == OPTIONS:
            descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
            break
    else:
        raise SchemaError("no %s in the descriptor set; use --include_imports" % OPTIONS)
    pool = descriptor_pool.Default()
    if hasattr(message_factory, "MessageFactory"):  # older runtimes register nothing by themselves
        message_factory.MessageFactory(pool).GetMessages([OPTIONS])
    return {
        name: pool.FindExtensionByName(PACKAGE + name)
        for name in ("event_class", "alias", "actor_alias", "kind")
    }


class Schemas:
    """The messages of a descriptor set and their options."""

    def __init__(self, serialized):
        self.extensions = register_options(serialized)
        files = descriptor_pb2.FileDescriptorSet.FromString(serialized).file
        self.messages = {}
        for file in files:
            for message in file.message_type:
                self._add(file.package, message)

    def _add(self, scope, message):
        name = scope + "." + message.name
        self.messages[name] = message
        for nested in message.nested_type:
            self._add(name, nested)

    def option(self, element, name):
        return element.options.Extensions[self.extensions[name]]

    def message_of(self, field):
        return self.messages[field.type_name.lstrip(".")]

    def leaf_type(self, field):
        kind = KINDS.get(self.option(field, "kind"))
        return kind or SCALAR_TYPES.get(field.type, "kInteger")

    def flatten(self, message, prefix="", repeated=False, depth=0, skip=()):
        """Yields (path, Leaf) for every scalar and object below `message`."""
        if depth > MAX_DEPTH:
            raise SchemaError("%s nests too deep; is %s recursive?" % (prefix, message.name))
        for field in message.field:
            if field.name in skip:
                continue
            path = prefix + field.name
            many = repeated or field.label == FIELD.LABEL_REPEATED
            if field.type != FIELD.TYPE_MESSAGE:
                yield path, Leaf(self.leaf_type(field), many)
                continue
            target = self.message_of(field)
            yield path, Leaf("kObject", many)
            if not target.options.map_entry:
                yield from self.flatten(target, path + ".", many, depth + 1)


def bodies(schemas):
    """The fields of Event's `body`, in the order of their numbers, and the other fields' names."""
    event = schemas.messages[ENVELOPE]
    index = [o.name for o in event.oneof_decl].index("body")
    body = [f for f in event.field if f.HasField("oneof_index") and f.oneof_index == index]
    return sorted(body, key=lambda f: f.number)


def actor_aliases(schemas):
    for alias in schemas.option(schemas.messages[PACKAGE + "Actor"], "alias"):
        copy = type(alias)()
        copy.CopyFrom(alias)
        copy.path = "actor." + alias.path
        yield copy


def leaf_of(path, leaves, where):
    if path in leaves:
        return leaves[path]
    if path.startswith("unmapped."):
        return Leaf("kString", False)
    raise SchemaError("%s: alias of '%s', which is no field" % (where, path))


def alias_rows(uid, aliases, leaves, where):
    rows, seen = [], set()
    for rank, alias in enumerate(aliases):
        if alias.class_uid and uid not in alias.class_uid:
            continue
        for name in list(alias.sigma) + list(alias.ecs):
            if "|" in name or not name:
                raise SchemaError("%s: bad name '%s'" % (where, name))
        key = (alias.path, tuple(alias.sigma), tuple(alias.ecs))
        if key in seen or not (alias.sigma or alias.ecs):
            raise SchemaError("%s: alias of '%s' given twice or empty" % (where, alias.path))
        seen.add(key)
        leaf = leaf_of(alias.path, leaves, where)
        rows.append(Row(uid, alias.path, leaf.type, leaf.repeated, "|".join(alias.sigma),
                        "|".join(alias.ecs), rank))
    return rows


def class_rows(uid, aliases, own, reachable, where):
    """Rows of one class: its aliases, and its own scalars that have none."""
    rows = alias_rows(uid, aliases, reachable, where)
    aliased = {row.path for row in rows}
    for path, leaf in own.items():
        if leaf.type != "kObject" and path not in aliased:
            rows.append(Row(uid, path, leaf.type, leaf.repeated, "", "", len(aliases)))
    return rows


def build(schemas):
    """Returns (classes, rows, class order)."""
    event = schemas.messages[ENVELOPE]
    body = bodies(schemas)
    base = dict(schemas.flatten(event, skip={f.name for f in body}))
    base_aliases = list(schemas.option(event, "alias"))
    classes, rows, order = [], [], {}
    for field in body:
        message = schemas.message_of(field)
        own = dict(schemas.flatten(message))
        clash = set(own) & set(base)
        if clash:
            raise SchemaError("%s hides fields of Event: %s" % (message.name, sorted(clash)))
        aliases = list(schemas.option(message, "alias"))
        if schemas.option(message, "actor_alias"):
            aliases += actor_aliases(schemas)
        infos = schemas.option(message, "event_class")
        if not infos:
            raise SchemaError("%s has no event_class" % message.name)
        for info in infos:
            if info.uid in order:
                raise SchemaError("class %d given twice" % info.uid)
            order[info.uid] = len(order)
            classes.append((info.uid, info.name, message.name))
            if info.uid == 0:
                # Class 0 stands for every class: the aliases of the base, not those of the actor.
                mine = {**base, **own}
                rows += class_rows(0, base_aliases, mine, mine, ENVELOPE)
            else:
                rows += class_rows(info.uid, aliases, own, {**base, **own}, message.name)
    order[0] = len(order)  # fields of every class come after those of the class
    return sorted(classes), sorted(rows, key=lambda r: (r.class_uid, r.path, r.rank)), order


def name_index(rows, order):
    """Returns [(name, [row number])] sorted by the names' bytes, the better meanings first."""
    meanings = collections.defaultdict(list)
    for i, row in enumerate(rows):
        names = [row.path] + row.sigma.split("|") + row.ecs.split("|")
        for name in dict.fromkeys(n for n in names if n):
            meanings[name].append(((order[row.class_uid], name != row.path, row.rank), i))
    return [(name, [i for _, i in sorted(meanings[name])])
            for name in sorted(meanings, key=lambda n: n.encode())]


def write(classes, rows, names, out):
    out.write("// Generated by tools/gen_schema.py from include/vedette/proto; do not edit.\n")
    out.write("inline constexpr EventClass kEventClasses[] = {\n")
    for uid, name, message in classes:
        out.write('    {%d, "%s", "%s"},\n' % (uid, name, message))
    out.write("};\ninline constexpr FieldSpec kFieldSpecs[] = {\n")
    for row in rows:
        out.write('    {%d, "%s", FieldType::%s, %s, "%s", "%s"},\n' % (
            row.class_uid, row.path, row.type, "true" if row.repeated else "false", row.sigma,
            row.ecs))
    out.write("};\ninline constexpr NameMeaning kNameMeanings[] = {\n")
    first = 0
    for name, indexes in names:
        out.write('    {"%s", %d, %d},\n' % (name, first, len(indexes)))
        first += len(indexes)
    out.write("};\ninline constexpr uint32_t kMeaningFields[] = {\n")
    numbers = [str(i) for _, indexes in names for i in indexes]
    for i in range(0, len(numbers), 16):
        out.write("    " + ", ".join(numbers[i:i + 16]) + ",\n")
    out.write("};\n")


def main(argv):
    if len(argv) != 2:
        sys.stderr.write(__doc__)
        return 2
    with open(argv[1], "rb") as file:
        serialized = file.read()
    try:
        classes, rows, order = build(Schemas(serialized))
    except SchemaError as error:
        sys.stderr.write("gen_schema.py: %s\n" % error)
        return 1
    write(classes, rows, name_index(rows, order), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

// TOML documents as trees that know where everything stands.
#ifndef VEDETTE_LIB_LANG_ELASTIC_TOML_TREE_H_
#define VEDETTE_LIB_LANG_ELASTIC_TOML_TREE_H_

#include <optional>

#include "lib/doc/doc_tree.h"
#include "lib/doc/source_text.h"

namespace vedette::inline v0::elastic {

// The whole file as TOML. Nothing, and `error`, if it is none or beyond the limits.
std::optional<DocNode> ParseTomlTree(const SourceText& source, DocError* error);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_TOML_TREE_H_

// Items of exception lists as Kibana exports them, for the rules that refer to the lists.
#ifndef VEDETTE_LIB_LANG_ELASTIC_EXCEPTION_FILE_H_
#define VEDETTE_LIB_LANG_ELASTIC_EXCEPTION_FILE_H_

#include <map>
#include <string>
#include <vector>

#include "lib/doc/doc_tree.h"
#include "lib/lang/elastic/map_reader.h"
#include "vedette/frontends/elastic.h"

namespace vedette::inline v0::elastic {

// By `list_id`. A list that was seen is there, also without items.
using ExceptionLists = std::map<std::string, std::vector<ElasticException>>;

// Adds a list, or an item to its list. An item that cannot be applied is left out with a warning
// (ELA0031): rules then match more than in Kibana, never less.
void ReadException(const DocNode& object, RuleReporter* reporter, ExceptionLists* out);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_EXCEPTION_FILE_H_

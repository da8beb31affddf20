// Bytes as readers of text want them: unpacked and in UTF-8.
#ifndef VEDETTE_LIB_IO_COMMON_DECODED_SOURCE_H_
#define VEDETTE_LIB_IO_COMMON_DECODED_SOURCE_H_

#include "vedette/io/bytes.h"

namespace vedette::inline v0 {

// Wraps `bytes`: gzip and zstd are told by their magic and unpacked (several members or frames in a
// row, too), a byte order mark is removed and UTF-16 converted. The source returns DataLoss where a
// packed stream is damaged or cut off, after all bytes before the damage.
ByteSource DecodedSource(ByteSource bytes);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_COMMON_DECODED_SOURCE_H_

"""Why a record is not a row of the usage table, in the words that the user reads."""

# Rejected: the record should be a call, and cannot be understood.
NOT_UTF8 = "not UTF-8 text"
NOT_JSON = "not a JSON object"
WRONG_COLUMNS = "wrong number of columns"
NO_SPANS = "no resourceSpans in it"
NO_COUNTS = "no token counts"
NEGATIVE = "negative token count"
NOT_WHOLE = "token count is not a whole number"
ABSURD = "over 100 million tokens in one request"
SPLIT_ABOVE = "cache writes by lifetime above their total"
CACHE_ABOVE = "cache tokens above the input they are part of"
REASONING_ABOVE = "reasoning tokens above the output they are part of"
AUDIO_ABOVE = "audio tokens above the uncached input or the output they are part of"
BAD_REQUESTS = "number of requests is not a whole number"
BAD_TIME = "time not understood"
BAD_COST = "reported cost is not a number"
BAD_PROCESSING = "processing is neither standard nor batch"

# Set aside: the record is understood, and is not one more call.
DUPLICATE = "duplicate"
NOT_A_CALL = "not one LLM call"
GATEWAY_CACHE = "answered from the gateway's own cache"

# Read, and counted for less than it was: the true count is higher, and nobody told it.
OUTPUT_CUT = "cut before the provider had counted the output: its output tokens are at least these"
COUNTS_CUT = "cut before the provider had told any count: its tokens are counted as 0, and are more"

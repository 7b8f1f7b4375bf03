/** Tokens of a query text: a dashboard of a hundred questions has about 3,000. Texts beyond are read no further. */
export const QUERY_TOKENS_MAX = 5_000;

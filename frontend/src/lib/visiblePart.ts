/**
 * Cuts a text that has a whole key in it, such as a pasted header, to the visible part of the key: no key is shown, sent or
 * kept in the URL by searching for one. What a page shows of a key, its beginning and its end, stays.
 */
export const cutToVisiblePart = (text: string) =>
  text.replace(/^.*?(chv_(?:live|test|serv)_[0-9A-Za-z]{12})[^\s….].*$/s, "$1");

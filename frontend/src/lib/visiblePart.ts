/** Cuts a whole key in a search to its visible part, so that no key is shown, sent or kept in the URL by searching for one. */
export const cutToVisiblePart = (text: string) =>
  text.replace(/^\s*(chv_(?:live|test|serv)_[0-9A-Za-z]{12}).+$/s, "$1");

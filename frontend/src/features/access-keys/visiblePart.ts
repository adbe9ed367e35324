/** Cuts a whole key to its visible part, so that no key is shown, sent or kept in the URL by searching for one. */
export const cutToVisiblePart = (text: string) => text.trim().replace(/^(chv_(?:live|test)_[0-9A-Za-z]{12}).+$/s, "$1");

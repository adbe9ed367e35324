/** Whether an address is one of the web, and not a program such as javascript: would be. */
export const isWebAddress = (url: string) => /^https?:$/.test(URL.parse(url)?.protocol ?? "");

/**
 * Opens a tab whose address is not known yet. Call it in the click itself: browsers block a tab that is opened when an
 * answer has come. That is also why it cannot be opened with `noopener`, which gives no tab to lead on; it is cut from
 * this page before it goes anywhere.
 */
export function openTab(waiting: string) {
  const tab = window.open("", "_blank");
  if (tab) {
    tab.opener = null;
    tab.document.title = waiting;
    tab.document.body.textContent = waiting;
  }
  return {
    /** False when there is no tab: it was blocked, or closed meanwhile. */
    goTo(url: string): boolean {
      if (!tab || tab.closed || !isWebAddress(url)) return false;
      tab.location.replace(url);
      return true;
    },
    close: () => tab?.close(),
  };
}

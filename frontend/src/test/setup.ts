import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import { laterParts, loadTexts, startSpeaking } from "@/i18n";

await startSpeaking();
await loadTexts(...laterParts);

afterEach(cleanup);

// On a busy machine a second, which is the default, is soon over. What is there at once is found at once all the same.
configure({ asyncUtilTimeout: 20_000 });

// What Mantine asks of a browser and jsdom does not have.
window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
    addListener: vi.fn(),
    removeListener: vi.fn(),
    dispatchEvent: () => false,
  }) as MediaQueryList;

window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

Element.prototype.scrollIntoView ??= () => undefined;
window.scrollTo = () => undefined;

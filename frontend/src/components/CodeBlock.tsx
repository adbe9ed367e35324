/** Text for programs, to be read or copied. */
export function CodeBlock({ label, text }: { label: string; text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so with the keyboard too
    <section className="code-block" aria-label={label} tabIndex={0}>
      {text}
    </section>
  );
}

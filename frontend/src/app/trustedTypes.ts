/**
 * The content security policy demands Trusted Types. Mantine sets the text of its own <style> elements through
 * innerHTML; the default policy lets exactly such text through: without "<" nothing can become an element.
 */
interface TrustedTypesFactory {
  createPolicy(name: string, rules: { createHTML: (text: string) => string | null }): unknown;
}

const factory = (window as { trustedTypes?: TrustedTypesFactory }).trustedTypes;

factory?.createPolicy("default", { createHTML: (text) => (text.includes("<") ? null : text) });

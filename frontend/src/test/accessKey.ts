import type { AccessKeyFieldsFragment } from "@/gql/graphql";

/** An access key that was made just now and never used, but for what a test says of it. */
export const accessKeyOf = (change: Partial<AccessKeyFieldsFragment> = {}): AccessKeyFieldsFragment => ({
  id: "key_1",
  name: "Retaguarda",
  visiblePart: "chv_test_0aB1cD2eF3gH",
  last4: "xxxx",
  status: "ACTIVE",
  createdAt: new Date().toISOString(),
  createdBy: "Marina",
  expiresAt: null,
  overlapEndsAt: null,
  revokedAt: null,
  lastUsedAt: null,
  lastUsedAddress: null,
  exposedAt: null,
  addresses: [],
  refusedAt: null,
  refusedAddress: null,
  baitSince: null,
  baitUsedAt: null,
  version: 1,
  replacedBy: null,
  ...change,
});

/** Whose key it is. */
export const keyClient = { name: "Padaria", documentKind: "CNPJ", documentFormatted: "11.222.333/0001-81" } as const;

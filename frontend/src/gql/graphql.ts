/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Narrows a list of access keys; members that are given must all hold. */
export type AccessKeyFilter = {
  /** Only keys of this client. */
  clientId?: string | null | undefined;
  /** Only keys of this client's product. */
  clientProductId?: string | null | undefined;
  /** Only keys that this operator or service token made, or a service token that this operator made. */
  createdById?: string | null | undefined;
  /** True: only keys that work now. False: only revoked, expired and replaced ones. */
  inForce?: boolean | null | undefined;
  /** True: only keys that were never used. False: only used ones. */
  neverUsed?: boolean | null | undefined;
};

/** How a list of access keys is sorted. */
export type AccessKeyOrder = {
  /** Which way. */
  direction?: OrderDirection;
  /** What it is sorted by. */
  field: AccessKeyOrderField;
};

/** What a list of access keys can be sorted by. */
export const AccessKeyOrderField = {
  /** When the key was made. */
  CreatedAt: 'CREATED_AT'
} as const;

export type AccessKeyOrderField = typeof AccessKeyOrderField[keyof typeof AccessKeyOrderField];
/** Whether an access key works. */
export const AccessKeyStatus = {
  /** It works, unless its client is archived or its product suspended. */
  Active: 'ACTIVE',
  /** Its row was changed in the database behind the portal: it is refused as unknown. Revoke it and make another one. */
  Altered: 'ALTERED',
  /** Its expiry or the end of its overlap has passed. */
  Expired: 'EXPIRED',
  /** It was replaced and still works until overlapEndsAt. */
  Overlapping: 'OVERLAPPING',
  /** It was revoked. */
  Revoked: 'REVOKED'
} as const;

export type AccessKeyStatus = typeof AccessKeyStatus[keyof typeof AccessKeyStatus];
/** Which client gets which product. */
export type AddClientProductInput = {
  /** Id of the client. */
  clientId: string;
  /** Any text of 1 to 100 characters: repeating a request with it answers with the first result and makes nothing new. It counts for this mutation and this caller alone, and is remembered for 7 days. */
  idempotencyKey?: string | null | undefined;
  /** Id of the product. */
  productId: string;
};

/** A new marketplace. */
export type AddMarketplaceInput = {
  /** Id of the client's product (cpr_...). */
  clientProductId: string;
  /** What the provider needs: exactly one member. */
  config: MarketplaceConfigInput;
  /** Friendly name, 1 to 200 characters (Descrição do marketplace). */
  description: string;
  /** Any text of 1 to 100 characters: repeating a request with it answers with the first result and makes nothing new. It counts for this mutation and this caller alone, and is remembered for 7 days. */
  idempotencyKey?: string | null | undefined;
};

/** A passkey to be registered. */
export type AddPasskeyInput = {
  /** What the passkey answered. */
  answer: PasskeyAnswerInput;
  /** Name to tell it from others, 1 to 60 characters. */
  name: string;
};

/** Which client to archive. */
export type ArchiveClientInput = {
  /** Id of the client. */
  id: string;
  /** The version of it that the caller has seen: when it is not the newest any more, nothing is changed, and the error CONFLICT says who changed what. Absent: whatever the version is. */
  version?: number | null | undefined;
};

/** Where an unclaimed installation goes: exactly one of marketplaceId and clientProductId. */
export type AttachInstallationInput = {
  /** Id of the client's product that gets a new marketplace with it. */
  clientProductId?: string | null | undefined;
  /** Id of the installation. */
  id: string;
  /** Id of the marketplace that it becomes the credentials of. */
  marketplaceId?: string | null | undefined;
};

/** What kind of caller did something. */
export const AuditActorKind = {
  /** A back-office with an access key. */
  AccessKey: 'ACCESS_KEY',
  /** An operator. */
  Operator: 'OPERATOR',
  /** A script with a service token. */
  ServiceToken: 'SERVICE_TOKEN',
  /** The portal itself. */
  System: 'SYSTEM'
} as const;

export type AuditActorKind = typeof AuditActorKind[keyof typeof AuditActorKind];
/** Narrows the audit trail; members that are given must all hold. */
export type AuditEventFilter = {
  /** Only what this access key did, or what was done to it. */
  accessKeyId?: string | null | undefined;
  /** Only actions that begin with this text, for example access_key. or access_key.revoke. */
  action?: string | null | undefined;
  /** Only what is about this client. */
  clientId?: string | null | undefined;
  /** Only what this operator did. */
  operatorId?: string | null | undefined;
  /** Only at or after this instant. */
  since?: string | null | undefined;
  /** Only before this instant. */
  until?: string | null | undefined;
};

/** A new password. */
export type ChangePasswordInput = {
  /** Password, 15 to 128 characters, any characters; 12 with a second factor. */
  password: string;
};

/** What kind of change it is. */
export const ChangeTopic = {
  /** An access key was used, or refused because of where it came from; told at most every few seconds for a key. */
  AccessKeyUsed: 'ACCESS_KEY_USED',
  /** A person changed an object, which objectId names: a client or what is kept beside it, a product, a client's product, a marketplace, an access key or an operator. */
  Edited: 'EDITED',
  /** An incident of a provider was opened or closed: see providerIncidents. */
  Incidents: 'INCIDENTS',
  /** An unclaimed installation came or went. */
  Installations: 'INSTALLATIONS',
  /** A marketplace was added, changed or removed, or its credentials or health changed. */
  Marketplace: 'MARKETPLACE',
  /** Events may have been missed: read again what is shown. */
  Resync: 'RESYNC'
} as const;

export type ChangeTopic = typeof ChangeTopic[keyof typeof ChangeTopic];
/** Narrows a list of clients; members that are given must all hold. */
export type ClientFilter = {
  /** True: only archived clients. False, the default: only active ones. */
  archived?: boolean | null | undefined;
  /** True: a marketplace that waits for the end of an incident of its provider (reason PROVIDER_INCIDENT) is no problem for hasProblem. Alone it narrows nothing. */
  exceptIncidents?: boolean | null | undefined;
  /** True: only clients with a marketplace that is failing, needs attention or is suspended by its provider. False: only clients without one. */
  hasProblem?: boolean | null | undefined;
  /** True: only clients with a marketplace whose shop is another's and not confirmed (reason WRONG_SHOP). False: only clients without one. */
  hasWrongShop?: boolean | null | undefined;
  /** Only clients that have all of these tags: accents and case do not matter. At most 20. */
  tags?: Array<string> | null | undefined;
  /** True: only clients with an active product that takes access keys and has none in force. False: only others. */
  withoutKey?: boolean | null | undefined;
};

/** How a list of clients is sorted. */
export type ClientOrder = {
  /** Which way. */
  direction?: OrderDirection;
  /** What it is sorted by. */
  field: ClientOrderField;
};

/** What a list of clients can be sorted by. */
export const ClientOrderField = {
  /** When the client was made. */
  CreatedAt: 'CREATED_AT',
  /** Name, accents and case ignored. */
  Name: 'NAME',
  /** How bad the worst state of its marketplaces is: nothing, waiting or ending soon, failing, suspended or refused. DESC has the worst first. */
  Trouble: 'TROUBLE'
} as const;

export type ClientOrderField = typeof ClientOrderField[keyof typeof ClientOrderField];
/** Which notice was seen to. */
export type CloseProviderNoticeInput = {
  /** Id of the notice. */
  id: string;
};

/** The second half of a log-in. */
export type CompleteLoginInput = {
  /** The proof; after beginPasskeyLogin only a passkey is one. */
  proof: SecondFactorInput;
  /** The ticket of the log-in, from secondFactor or beginPasskeyLogin. */
  ticket: string;
};

/** The shop that is the right one. */
export type ConfirmMarketplaceShopInput = {
  /** Id of the marketplace. */
  id: string;
  /** Name of the shop, as account has it; its document where the provider told no name. */
  shopName: string;
};

/** The proof that the app was set up. */
export type ConfirmTotpInput = {
  /** The 6 digits that the app shows. */
  code: string;
  /** The ticket of beginTotp. */
  ticket: string;
};

/** A new marketplace whose credentials the portal gets. */
export type ConnectMarketplaceInput = {
  /** Id of the client's product (cpr_...). */
  clientProductId: string;
  /** Friendly name, 1 to 200 characters (Descrição do marketplace). */
  description: string;
  /** Any text of 1 to 100 characters: repeating a request with it answers with the first result and makes nothing new. It counts for this mutation and this caller alone, and is remembered for 7 days. */
  idempotencyKey?: string | null | undefined;
  /** Which provider; it must be mintable. The shop is found by the CNPJ or CPF of the client. */
  provider: Provider;
};

/** A new access key. */
export type CreateAccessKeyInput = {
  /** IP addresses and networks (CIDR) that the key is taken from, IPv4 or IPv6, at most 20, such as 203.0.113.7 or 2001:db8::/32; from anywhere when absent or empty. */
  addresses?: Array<string> | null | undefined;
  /** Id of the client's product (cpr_...). */
  clientProductId: string;
  /** When it stops working; never when absent. */
  expiresAt?: string | null | undefined;
  /** Any text of 1 to 100 characters: repeating a request with it answers with the first key, without its token, and makes nothing new. It counts for this mutation and this caller alone, and is remembered for 7 days. */
  idempotencyKey?: string | null | undefined;
  /** Name that tells keys apart, 1 to 200 characters. */
  name: string;
};

/** A new client. */
export type CreateClientInput = {
  /** CNPJ or CPF, with or without punctuation and what a paste brings along. No two clients have the same. */
  document: string;
  /** Any text of 1 to 100 characters: repeating a request with it answers with the first result and makes nothing new. It counts for this mutation and this caller alone, and is remembered for 7 days. */
  idempotencyKey?: string | null | undefined;
  /** Legal name, 1 to 200 characters. */
  name: string;
  /** Tags, at most 20, each 1 to 40 characters. One that another client has in other letters is written as there. */
  tags?: Array<string> | null | undefined;
  /** Trade name, at most 200 characters. */
  tradeName?: string | null | undefined;
};

/** The first administrator. */
export type CreateFirstAdministratorInput = {
  /** E-mail address, at most 254 characters. */
  email: string;
  /** Full name, 1 to 200 characters. */
  name: string;
  /** Password, 15 to 128 characters, any characters. */
  password: string;
  /** The token in the set-up link. */
  setupToken: string;
};

/** Which marketplace the link is for. */
export type CreateInstallLinkInput = {
  /** Id of the marketplace. */
  marketplaceId: string;
};

/** A new product. */
export type CreateProductInput = {
  /** Which blocks its page has; may be empty. */
  capabilities: Array<ProductCapability>;
  /** Short name for programs: 2 to 50 upper-case letters, digits and underscores, unique. */
  code: string;
  /** What it is, at most 2,000 characters. */
  description?: string | null | undefined;
  /** Any text of 1 to 100 characters: repeating a request with it answers with the first result and makes nothing new. It counts for this mutation and this caller alone, and is remembered for 7 days. */
  idempotencyKey?: string | null | undefined;
  /** Name on screen, 1 to 200 characters. */
  name: string;
};

/** A new service token. */
export type CreateServiceTokenInput = {
  /** IP addresses and networks (CIDR) that the token is taken from, IPv4 or IPv6, at most 20; from anywhere when absent or empty. */
  addresses?: Array<string> | null | undefined;
  /** When it stops working, at most 366 days from now. */
  expiresAt: string;
  /** Any text of 1 to 100 characters: repeating a request with it answers with the first token, without its text, and makes nothing new. It counts for this mutation and this caller alone, and is remembered for 7 days. */
  idempotencyKey?: string | null | undefined;
  /** Name to tell it from others, 1 to 200 characters. */
  name: string;
  /** What it may do. */
  role: OperatorRole;
  /** What it may do beside reading; empty: it only reads. KEYS is never among it unless it is asked for. */
  scopes?: Array<ServiceScope>;
};

/** An operator to be disabled. */
export type DisableOperatorInput = {
  /** Access keys to be revoked together, at most 100: only such as the filter createdById finds for the operator. */
  accessKeyIds?: Array<string> | null | undefined;
  /** Id of the operator. */
  id: string;
};

/** Which installation to throw away. */
export type DiscardInstallationInput = {
  /** Id of the installation. */
  id: string;
};

/** Which document a client is known by. */
export const DocumentKind = {
  /** Cadastro Nacional da Pessoa Jurídica: 14 characters, numeric or alphanumeric (IN RFB 2.229/2024). */
  Cnpj: 'CNPJ',
  /** Cadastro de Pessoas Físicas: 11 digits. */
  Cpf: 'CPF'
} as const;

export type DocumentKind = typeof DocumentKind[keyof typeof DocumentKind];
/** What is due. */
export const DueKind = {
  /** An access key ends. */
  AccessKeyEnds: 'ACCESS_KEY_ENDS',
  /** An access key was made more than 7 days ago and never used. */
  AccessKeyUnused: 'ACCESS_KEY_UNUSED',
  /** The secret of the software house's application at a provider ends. */
  ApplicationSecretEnds: 'APPLICATION_SECRET_ENDS',
  /** An access key that is bait, or of a client that is, was used: somebody has it who should not. Only administrators are told. */
  BaitUsed: 'BAIT_USED',
  /** The credentials of a marketplace end, and the portal cannot renew them. */
  CredentialsEnd: 'CREDENTIALS_END',
  /** A provider refuses the software house's own log-in: the portal gets no credentials with it until an administrator has saved the settings of the provider. */
  HouseLoginRefused: 'HOUSE_LOGIN_REFUSED',
  /** An operator or a service token made access keys for unusually many shops within minutes and had to wait, within the last 7 days. Only administrators are told. */
  KeysForManyShops: 'KEYS_FOR_MANY_SHOPS',
  /** An access key was used, within the last 7 days, that nobody had used for 90 days, or ever since it was made that long ago. Until the key is revoked. Only administrators are told. */
  KeyAfterSilence: 'KEY_AFTER_SILENCE',
  /** An access key that is not bound to addresses was used from unusually many networks within minutes, within the last 7 days. Until the key is revoked. Only administrators are told. */
  KeyFromManyNetworks: 'KEY_FROM_MANY_NETWORKS',
  /** One address read the credentials of unusually many shops within minutes and had to wait, within the last 7 days; the access key is the one that it came with last. Only administrators are told. */
  ManyShopsRead: 'MANY_SHOPS_READ',
  /** The portal has not been able to renew the credentials of a marketplace for 300 days: the refresh token may end after a year. */
  NotRenewed: 'NOT_RENEWED',
  /** Another administrator changed the settings of a provider within the last 7 days. Told to administrators alone. */
  ProviderSettingsChanged: 'PROVIDER_SETTINGS_CHANGED',
  /** The session of an operator went on in another browser and another network, and nobody has proved yet who is there. Only administrators are told. */
  SessionMoved: 'SESSION_MOVED'
} as const;

export type DueKind = typeof DueKind[keyof typeof DueKind];
/** A session to be ended. */
export type EndSessionInput = {
  /** Id of the session. */
  id: string;
};

/** Which client to erase. */
export type EraseClientInput = {
  /** The client's CNPJ or CPF, typed once more to confirm. */
  document: string;
  /** Id of the client. */
  id: string;
};

/** Which client to export. */
export type ExportClientInput = {
  /** Id of the client. */
  id: string;
};

/** A new operator. */
export type InviteOperatorInput = {
  /** E-mail address, at most 254 characters, which is the name for logging in. */
  email: string;
  /** Full name, 1 to 200 characters. */
  name: string;
  /** What the operator may do. */
  role: OperatorRole;
};

/** What an operator logs in with. */
export type LoginInput = {
  /** E-mail address; case does not matter. */
  email: string;
  /** Password. */
  password: string;
};

/** The settings and secrets of a new marketplace: exactly one member. */
export type MarketplaceConfigInput =
  {   /** For Meu Carrinho. */
  meuCarrinho: MeuCarrinhoConfigInput; nuvemshop?: never; plug4Market?: never; showKase?: never; }
  |  { meuCarrinho?: never;   /** For Nuvemshop. */
  nuvemshop: NuvemshopConfigInput; plug4Market?: never; showKase?: never; }
  |  { meuCarrinho?: never; nuvemshop?: never;   /** For Plug4Market. */
  plug4Market: Plug4MarketConfigInput; showKase?: never; }
  |  { meuCarrinho?: never; nuvemshop?: never; plug4Market?: never;   /** For ShowKase. */
  showKase: ShowKaseConfigInput; };

/** Changed settings and secrets: exactly one member. */
export type MarketplaceConfigUpdateInput =
  {   /** For Meu Carrinho. */
  meuCarrinho: MeuCarrinhoConfigUpdateInput; nuvemshop?: never; plug4Market?: never; showKase?: never; }
  |  { meuCarrinho?: never;   /** For Nuvemshop. */
  nuvemshop: NuvemshopConfigUpdateInput; plug4Market?: never; showKase?: never; }
  |  { meuCarrinho?: never; nuvemshop?: never;   /** For Plug4Market. */
  plug4Market: Plug4MarketConfigUpdateInput; showKase?: never; }
  |  { meuCarrinho?: never; nuvemshop?: never; plug4Market?: never;   /** For ShowKase. */
  showKase: ShowKaseConfigUpdateInput; };

/** Why a connection is in its state. */
export const MarketplaceHealthReason = {
  /** The provider no longer accepts the token of the install: most likely the merchant uninstalled the application. */
  AccessRevoked: 'ACCESS_REVOKED',
  /** The last check was good. */
  CheckPassed: 'CHECK_PASSED',
  /** The credentials end soon and the portal cannot renew them: a person must. */
  CredentialsEndSoon: 'CREDENTIALS_END_SOON',
  /** The credentials have ended and the portal could not renew them yet; it tries again. */
  CredentialsExpired: 'CREDENTIALS_EXPIRED',
  /** The credentials were entered for another host of the provider than the one that is set now, so that they are not sent there: enter them again, or set the host as it was. */
  HostChanged: 'HOST_CHANGED',
  /** The credentials were saved and not checked yet. */
  NotCheckedYet: 'NOT_CHECKED_YET',
  /** The provider publishes no call that a check could use. */
  NoTestAvailable: 'NO_TEST_AVAILABLE',
  /** The provider refused user and password: the password was probably changed. Not tried again until a person does. */
  PasswordRefused: 'PASSWORD_REFUSED',
  /** The provider answered with a fault of its own, or with something that the portal does not understand. */
  ProviderFault: 'PROVIDER_FAULT',
  /** Many connections of the provider turned bad at the same time, so that the provider is in trouble and not this shop; see providerIncidents. It is tried again when the incident ends. */
  ProviderIncident: 'PROVIDER_INCIDENT',
  /** The provider asks for fewer calls. */
  RateLimited: 'RATE_LIMITED',
  /** The credentials still work, but the portal could not renew them yet; it tries again. */
  RenewalDelayed: 'RENEWAL_DELAYED',
  /** The last renewal gave a new access token and no new refresh token: the credentials work until their end, and whether the old refresh token still does is not known. */
  RenewalIncomplete: 'RENEWAL_INCOMPLETE',
  /** The process that renewed the credentials ended in the middle, so that nobody knows what came of it; another one tries again within a minute. */
  RenewalInterrupted: 'RENEWAL_INTERRUPTED',
  /** The answer to a renewal was lost and the provider no longer takes the old refresh token: a new pair must be made in its portal. */
  RenewalLost: 'RENEWAL_LOST',
  /** The provider refused to renew the credentials. */
  RenewalRefused: 'RENEWAL_REFUSED',
  /** The portal's master key was lost, and with it the stored secrets: they must be entered again. */
  SecretsLost: 'SECRETS_LOST',
  /** The provider does not know the shop's CNPJ under the software house's own log-in: the store must be made or linked there first. */
  StoreUnknown: 'STORE_UNKNOWN',
  /** The provider says that the shop or the application is suspended, mostly for want of payment. */
  SuspendedByProvider: 'SUSPENDED_BY_PROVIDER',
  /** The provider refused the token. */
  TokenRefused: 'TOKEN_REFUSED',
  /** The provider could not be reached or did not answer in time. */
  Unreachable: 'UNREACHABLE',
  /** The merchant has not installed the application yet. */
  WaitingForMerchant: 'WAITING_FOR_MERCHANT',
  /** The shop has another CNPJ (of another root) or CPF than the client, so that its credentials are handed to nobody: an operator confirms the shop (confirmMarketplaceShop), or gives the client's own credentials. */
  WrongShop: 'WRONG_SHOP'
} as const;

export type MarketplaceHealthReason = typeof MarketplaceHealthReason[keyof typeof MarketplaceHealthReason];
/** The states of a connection. */
export const MarketplaceHealthState = {
  /** The provider accepted the credentials. */
  Connected: 'CONNECTED',
  /** It works, but its credentials end soon and the portal cannot renew them. */
  Expiring: 'EXPIRING',
  /** The provider cannot be reached or has a fault; it is tried again. */
  Failing: 'FAILING',
  /** The provider refused the credentials: a person must act. */
  NeedsAttention: 'NEEDS_ATTENTION',
  /** The provider offers no way to test the credentials. */
  NotTestable: 'NOT_TESTABLE',
  /** The provider says that the shop or the application is suspended. */
  Suspended: 'SUSPENDED',
  /** Waiting for the merchant's consent or for the first check; the reason says which. */
  Waiting: 'WAITING'
} as const;

export type MarketplaceHealthState = typeof MarketplaceHealthState[keyof typeof MarketplaceHealthState];
/** How a test of credentials ended. */
export const MarketplaceTestOutcome = {
  /** The provider offers no way to test them. */
  NotTestable: 'NOT_TESTABLE',
  /** The provider accepted the credentials. */
  Ok: 'OK',
  /** The provider refused the credentials. */
  Refused: 'REFUSED',
  /** The provider says that the shop or the application is suspended. */
  Suspended: 'SUSPENDED',
  /** The provider could not be reached, or its answer says nothing of the credentials. */
  Unreachable: 'UNREACHABLE'
} as const;

export type MarketplaceTestOutcome = typeof MarketplaceTestOutcome[keyof typeof MarketplaceTestOutcome];
/** What a Meu Carrinho connection needs. */
export type MeuCarrinhoConfigInput = {
  /** The user's password, 1 to 4,096 characters; kept exactly as given. */
  password: string;
  /** User of the Meu Carrinho portal, 1 to 200 characters. */
  username: string;
};

/** What changes in a Meu Carrinho connection. */
export type MeuCarrinhoConfigUpdateInput = {
  /** A new password, 1 to 4,096 characters. */
  password?: string | null | undefined;
  /** User of the Meu Carrinho portal, 1 to 200 characters. */
  username?: string | null | undefined;
};

/** What a Nuvemshop connection needs before the merchant installs the application. */
export type NuvemshopConfigInput = {
  /** Address of the shop, http or https, at most 200 characters. */
  storeUrl?: string | null | undefined;
};

/** What changes in a Nuvemshop connection. */
export type NuvemshopConfigUpdateInput = {
  /** Address of the shop; empty removes it. */
  storeUrl?: string | null | undefined;
};

/** An operator to act upon. */
export type OperatorInput = {
  /** Id of the operator. */
  id: string;
};

/** What an operator may do in the portal. */
export const OperatorRole = {
  /** Everything, including products, removal and other operators. */
  Admin: 'ADMIN',
  /** Clients, their products, marketplaces and access keys. */
  Operator: 'OPERATOR',
  /** Reading only. */
  Viewer: 'VIEWER'
} as const;

export type OperatorRole = typeof OperatorRole[keyof typeof OperatorRole];
/** Whether an operator can log in. */
export const OperatorStatus = {
  /** Can log in. */
  Active: 'ACTIVE',
  /** Disabled by an administrator. */
  Disabled: 'DISABLED',
  /** Invited: no password and no passkey was set yet. */
  Invited: 'INVITED'
} as const;

export type OperatorStatus = typeof OperatorStatus[keyof typeof OperatorStatus];
/** Which way a list is sorted. */
export const OrderDirection = {
  /** Smallest, earliest or first letter first. */
  Asc: 'ASC',
  /** Largest, latest or last letter first. */
  Desc: 'DESC'
} as const;

export type OrderDirection = typeof OrderDirection[keyof typeof OrderDirection];
/** What a passkey answered. */
export type PasskeyAnswerInput = {
  /** What navigator.credentials returned, as JSON (WebAuthn Level 3). */
  response: string;
  /** The ticket of the request. */
  ticket: string;
};

/** Why a link for setting a password was made. */
export const PasswordLinkPurpose = {
  /** A new operator was invited. */
  Invitation: 'INVITATION',
  /** An administrator started a reset. */
  Reset: 'RESET'
} as const;

export type PasswordLinkPurpose = typeof PasswordLinkPurpose[keyof typeof PasswordLinkPurpose];
/** What a Plug4Market connection needs, from Lojas > Detalhes > Gerar Tokens in its portal. */
export type Plug4MarketConfigInput = {
  /** Access token (Acesso Token), 1 to 4,096 characters; blanks around it are dropped. */
  accessToken: string;
  /** Refresh token (Refresh Token), 1 to 4,096 characters; blanks around it are dropped. */
  refreshToken: string;
};

/** What changes in a Plug4Market connection: both tokens or none. */
export type Plug4MarketConfigUpdateInput = {
  /** A new access token, 1 to 4,096 characters; null keeps the old one. */
  accessToken?: string | null | undefined;
  /** A new refresh token, 1 to 4,096 characters; null keeps the old one. */
  refreshToken?: string | null | undefined;
};

/** What a product can hold for a client: each capability is a block on its page. */
export const ProductCapability = {
  /** Access keys for the back-office. */
  AccessKeys: 'ACCESS_KEYS',
  /** Connections to marketplaces. */
  Marketplaces: 'MARKETPLACES'
} as const;

export type ProductCapability = typeof ProductCapability[keyof typeof ProductCapability];
/** An online marketplace that a client can be connected to. */
export const Provider = {
  /** Meu Carrinho (Softcom): user and password. */
  MeuCarrinho: 'MEU_CARRINHO',
  /** Nuvemshop / Tiendanube: installed by the merchant, OAuth. */
  Nuvemshop: 'NUVEMSHOP',
  /** Plug4Market (TecnoSpeed), a hub: access and refresh token. */
  Plug4Market: 'PLUG4MARKET',
  /** ShowKase (Softcom): one token. */
  Showkase: 'SHOWKASE'
} as const;

export type Provider = typeof Provider[keyof typeof Provider];
/** The new value of a setting. */
export type ProviderSettingInput = {
  /** Name of the setting. */
  name: string;
  /** The value; empty takes it away, so that the default holds. */
  value: string;
};

/** What kind of text a setting takes. */
export const ProviderSettingKind = {
  /** One of the choices. */
  Choice: 'CHOICE',
  /** A day, written 2026-11-24. */
  Date: 'DATE',
  /** A whole number. */
  Number: 'NUMBER',
  /** A secret; it is stored sealed and never told. */
  Secret: 'SECRET',
  /** A text of one line, at most 200 characters. */
  Text: 'TEXT',
  /** An https address without query. Where secrets are sent is not changed here, but among the vendor's own addresses. */
  Url: 'URL'
} as const;

export type ProviderSettingKind = typeof ProviderSettingKind[keyof typeof ProviderSettingKind];
/** Where the value of a setting comes from. */
export const ProviderSettingSource = {
  /** Nothing is set: the default holds. */
  Default: 'DEFAULT',
  /** It was set in the environment of the program, and cannot be changed here. */
  Environment: 'ENVIRONMENT',
  /** It was set on the settings page. */
  Stored: 'STORED'
} as const;

export type ProviderSettingSource = typeof ProviderSettingSource[keyof typeof ProviderSettingSource];
/** One proof of who is at the keyboard. */
export type ReauthenticateInput =
  {   /** The 6 digits that the app shows. */
  code: string; passkey?: never; password?: never; }
  |  { code?: never;   /** The answer of a passkey. */
  passkey: PasskeyAnswerInput; password?: never; }
  |  { code?: never; passkey?: never;   /** The operator's password. */
  password: string; };

/** Which marketplace to remove. */
export type RemoveMarketplaceInput = {
  /** Id of the marketplace. */
  id: string;
};

/** A passkey to be removed. */
export type RemovePasskeyInput = {
  /** Id of the passkey. */
  id: string;
};

/** Which client to restore. */
export type RestoreClientInput = {
  /** Id of the client. */
  id: string;
  /** The version of it that the caller has seen: when it is not the newest any more, nothing is changed, and the error CONFLICT says who changed what. Absent: whatever the version is. */
  version?: number | null | undefined;
};

/** Which client's product to resume. */
export type ResumeClientProductInput = {
  /** Id of the client's product. */
  id: string;
  /** The version of it that the caller has seen: when it is not the newest any more, nothing is changed, and the error CONFLICT says who changed what. Absent: whatever the version is. */
  version?: number | null | undefined;
};

/** Which key to end. */
export type RevokeAccessKeyInput = {
  /** Id of the access key. */
  id: string;
};

/** Whose link stops working. */
export type RevokeInstallLinkInput = {
  /** Id of the marketplace. */
  marketplaceId: string;
};

/** A service token to be revoked. */
export type RevokeServiceTokenInput = {
  /** Access keys to be revoked together, at most 100: only such as the filter createdById finds for the service token. */
  accessKeyIds?: Array<string> | null | undefined;
  /** Id of the service token. */
  id: string;
};

/** Which key to replace. */
export type RotateAccessKeyInput = {
  /** When the new key stops working; absent: when the old one does, if it does; null: never. */
  expiresAt?: string | null | undefined;
  /** Id of the access key. */
  id: string;
  /** Any text of 1 to 100 characters: repeating a request with it answers with the first successor, without its token, and makes nothing new. It counts for this mutation and this caller alone, and is remembered for 7 days. */
  idempotencyKey?: string | null | undefined;
  /** How long the old key still works, in hours, 0 to 720; never past its own expiry. */
  overlapHours?: number;
};

/** One proof of a second factor. */
export type SecondFactorInput =
  {   /** The 6 digits that the app shows. */
  code: string; passkey?: never; recoveryCode?: never; }
  |  { code?: never;   /** What navigator.credentials.get returned, as JSON (WebAuthn Level 3, AuthenticationResponseJSON). */
  passkey: string; recoveryCode?: never; }
  |  { code?: never; passkey?: never;   /** A recovery code; it works once. */
  recoveryCode: string; };

/** A way to prove a second factor. */
export const SecondFactorMethod = {
  /** A passkey (WebAuthn). */
  Passkey: 'PASSKEY',
  /** One of the recovery codes. */
  RecoveryCode: 'RECOVERY_CODE',
  /** The code of an app (TOTP, RFC 6238). */
  Totp: 'TOTP'
} as const;

export type SecondFactorMethod = typeof SecondFactorMethod[keyof typeof SecondFactorMethod];
/** What a service token may do beside reading what its role reads. */
export const ServiceScope = {
  /** To do what leads to secrets: make and renew access keys, widen the addresses of one (together with WRITE), make install links, attach installations. */
  Keys: 'KEYS',
  /** To change what its role changes, but for what the scope KEYS is for. */
  Write: 'WRITE'
} as const;

export type ServiceScope = typeof ServiceScope[keyof typeof ServiceScope];
/** What is bait, or is none any more. */
export type SetBaitInput = {
  /** Whether it is bait from now on. */
  bait: boolean;
  /** Id of an access key or a client. */
  id: string;
};

/** A password by link. */
export type SetPasswordInput = {
  /** The secret of the link. */
  link: string;
  /** Password, 15 to 128 characters, any characters; 12 with a second factor. */
  password: string;
};

/** The steps after a product is added, in their order. */
export const SetupStep = {
  /** Generate the access key. */
  AccessKey: 'ACCESS_KEY',
  /** Configure the key in the back-office: done when its first call arrives. */
  BackOffice: 'BACK_OFFICE',
  /** Add the first marketplace. */
  Marketplace: 'MARKETPLACE'
} as const;

export type SetupStep = typeof SetupStep[keyof typeof SetupStep];
/** What a ShowKase connection needs. */
export type ShowKaseConfigInput = {
  /** Token generated in the client's ShowKase portal, 1 to 4,096 characters; blanks around it are dropped. */
  token: string;
};

/** What changes in a ShowKase connection. */
export type ShowKaseConfigUpdateInput = {
  /** A new token, 1 to 4,096 characters. */
  token?: string | null | undefined;
};

/** Which marketplace to install. */
export type StartInstallInput = {
  /** Id of the marketplace. */
  marketplaceId: string;
};

/** Which client's product to suspend. */
export type SuspendClientProductInput = {
  /** Id of the client's product. */
  id: string;
  /** The version of it that the caller has seen: when it is not the newest any more, nothing is changed, and the error CONFLICT says who changed what. Absent: whatever the version is. */
  version?: number | null | undefined;
};

/** Credentials to test before they are saved. */
export type TestMarketplaceConfigInput = {
  /** Id of the client's product (cpr_...) that they are for: its client is who the shop should be. */
  clientProductId: string;
  /** What the provider needs: exactly one member. */
  config: MarketplaceConfigInput;
};

/** Which marketplace to check. */
export type TestMarketplaceInput = {
  /** Id of the marketplace. */
  id: string;
};

/** Which key is taken from where. */
export type UpdateAccessKeyInput = {
  /** IP addresses and networks (CIDR) that the key is taken from now on, instead of those before, at most 20; empty: from anywhere. */
  addresses: Array<string>;
  /** Id of the access key. */
  id: string;
  /** The version of it that the caller has seen: when it is not the newest any more, nothing is changed, and the error CONFLICT says who changed what. Absent: whatever the version is. */
  version?: number | null | undefined;
};

/** An operator's own data. */
export type UpdateAccountInput = {
  /** E-mail address, at most 254 characters. */
  email: string;
  /** The e-mail address once more, when it is a new one: nobody can log in with a mistyped one. */
  emailConfirmation?: string | null | undefined;
  /** Full name, 1 to 200 characters. */
  name: string;
  /** The version of it that the caller has seen: when it is not the newest any more, nothing is changed, and the error CONFLICT says who changed what. Absent: whatever the version is. */
  version?: number | null | undefined;
};

/** What changes in a client. */
export type UpdateClientInput = {
  /** CNPJ or CPF, with or without punctuation and what a paste brings along. */
  document?: string | null | undefined;
  /** Id of the client. */
  id: string;
  /** Legal name, 1 to 200 characters. */
  name?: string | null | undefined;
  /** All tags that the client has from now on, at most 20, each 1 to 40 characters. One that another client has in other letters is written as there. */
  tags?: Array<string> | null | undefined;
  /** Trade name, at most 200 characters; empty removes it. */
  tradeName?: string | null | undefined;
  /** The version of it that the caller has seen: when it is not the newest any more, nothing is changed, and the error CONFLICT says who changed what. Absent: whatever the version is. */
  version?: number | null | undefined;
};

/** What changes in a marketplace. */
export type UpdateMarketplaceInput = {
  /** Settings and secrets, of the marketplace's own provider: exactly one member. */
  config?: MarketplaceConfigUpdateInput | null | undefined;
  /** Friendly name, 1 to 200 characters. */
  description?: string | null | undefined;
  /** Id of the marketplace. */
  id: string;
  /** The version of it that the caller has seen: when it is not the newest any more, nothing is changed, and the error CONFLICT says who changed what. Absent: whatever the version is. */
  version?: number | null | undefined;
};

/** Changes of an operator. */
export type UpdateOperatorInput = {
  /** Id of the operator. */
  id: string;
  /** Full name, 1 to 200 characters. */
  name: string;
  /** What the operator may do. */
  role: OperatorRole;
  /** The version of it that the caller has seen: when it is not the newest any more, nothing is changed, and the error CONFLICT says who changed what. Absent: whatever the version is. */
  version?: number | null | undefined;
};

/** What changes in a product. */
export type UpdateProductInput = {
  /** Which blocks its page has. Taking one away hides what clients have in it and deletes nothing. */
  capabilities?: Array<ProductCapability> | null | undefined;
  /** What it is, at most 2,000 characters; empty removes it. */
  description?: string | null | undefined;
  /** Id of the product. */
  id: string;
  /** Name on screen, 1 to 200 characters. */
  name?: string | null | undefined;
  /** The version of it that the caller has seen: when it is not the newest any more, nothing is changed, and the error CONFLICT says who changed what. Absent: whatever the version is. */
  version?: number | null | undefined;
};

/** What changes in the settings of a provider. */
export type UpdateProviderSettingsInput = {
  /** The provider. */
  provider: Provider;
  /** The settings that change; at most 20. */
  settings: Array<ProviderSettingInput>;
};

/** What a user error says, in a form for programs. */
export const UserErrorCode = {
  /** The marketplace is connected to another shop: add a new marketplace for this one. */
  AccountOther: 'ACCOUNT_OTHER',
  /** The shop is connected to another client already; relatedId is that client's id. */
  AccountTaken: 'ACCOUNT_TAKEN',
  /** The text is neither an IP address nor a network in CIDR notation. */
  AddressInvalid: 'ADDRESS_INVALID',
  /** The row was changed in the database behind the portal, and is used no more: whoever runs the server sees it in `chaveiro doctor`. */
  Altered: 'ALTERED',
  /** The product does not have the block that was asked for, marketplaces or access keys. */
  CapabilityMissing: 'CAPABILITY_MISSING',
  /** The client is archived: restore it first. */
  ClientArchived: 'CLIENT_ARCHIVED',
  /** The client was erased: nothing of it can be changed any more. */
  ClientErased: 'CLIENT_ERASED',
  /** A code has other characters than upper-case letters, digits and underscores, or is not 2 to 50 long. */
  CodeForm: 'CODE_FORM',
  /** Another product has this code. */
  CodeTaken: 'CODE_TAKEN',
  /** The code was right and was taken before: each is taken once. Wait for the next that the app shows. */
  CodeUsed: 'CODE_USED',
  /** What was typed to confirm is not the document of the client. */
  ConfirmationMismatch: 'CONFIRMATION_MISMATCH',
  /** Somebody else saved the object after the version that the caller has seen: edits says who. Nothing was changed. */
  Conflict: 'CONFLICT',
  /** A CNPJ or CPF has a character that cannot be part of one. */
  DocumentCharacters: 'DOCUMENT_CHARACTERS',
  /** The check digits of a CNPJ or CPF are wrong. */
  DocumentCheckDigits: 'DOCUMENT_CHECK_DIGITS',
  /** A document has neither the 14 characters of a CNPJ nor the 11 digits of a CPF. */
  DocumentLength: 'DOCUMENT_LENGTH',
  /** Another client has this CNPJ or CPF; relatedId is its id. */
  DocumentTaken: 'DOCUMENT_TAKEN',
  /** The e-mail address mixes the letters of several scripts, or has variants of letters: it would look like another address. */
  EmailConfusable: 'EMAIL_CONFUSABLE',
  /** The text is not an e-mail address. */
  EmailInvalid: 'EMAIL_INVALID',
  /** The new e-mail address and its repetition differ. */
  EmailMismatch: 'EMAIL_MISMATCH',
  /** Another operator has this e-mail address. */
  EmailTaken: 'EMAIL_TAKEN',
  /** The instant must be in the future. */
  ExpiryPast: 'EXPIRY_PAST',
  /** The text holds characters that nobody sees, such as those that part words or turn the direction of writing. */
  HiddenCharacters: 'HIDDEN_CHARACTERS',
  /** The provider refuses the software house's own log-in: an administrator corrects it under Configurações. */
  HouseLoginRefused: 'HOUSE_LOGIN_REFUSED',
  /** The idempotency key was used before with another input. */
  IdempotencyMismatch: 'IDEMPOTENCY_MISMATCH',
  /** The text holds characters that the field does not take, such as control characters. */
  InvalidCharacters: 'INVALID_CHARACTERS',
  /** E-mail or password is wrong, or the account is disabled; which of these is not told. */
  InvalidCredentials: 'INVALID_CREDENTIALS',
  /** The access key is revoked or expired, or was replaced and is to be rotated. */
  KeyNotActive: 'KEY_NOT_ACTIVE',
  /** The last active administrator cannot be disabled or lose the role. */
  LastAdministrator: 'LAST_ADMINISTRATOR',
  /** More of these than are allowed, in the request or together with those that exist. */
  LimitReached: 'LIMIT_REACHED',
  /** The link for setting a password is wrong, was replaced, or has ended. */
  LinkInvalid: 'LINK_INVALID',
  /** The link has set a password already, perhaps by this very request sent twice: log in with it. */
  LinkUsed: 'LINK_USED',
  /** Step 2 of the order is missing: the client's product has no marketplace yet. */
  MarketplaceRequired: 'MARKETPLACE_REQUIRED',
  /** The network has bits beyond its mask, as 203.0.113.7/24 has: the message says how it is written. */
  NetworkInexact: 'NETWORK_INEXACT',
  /** The note is another operator's: only its author changes it, and an administrator may remove it. */
  NotAuthor: 'NOT_AUTHOR',
  /** The object named by an id does not exist or is not visible to the caller. */
  NotFound: 'NOT_FOUND',
  /** Shops are not connected to this provider by an install. */
  NotInstallable: 'NOT_INSTALLABLE',
  /** Exactly one member of a oneOf input must be given. */
  OneOf: 'ONE_OF',
  /** A number is outside the range of the field. */
  OutOfRange: 'OUT_OF_RANGE',
  /** Nobody disables himself or changes the own role; another administrator can. */
  OwnAccount: 'OWN_ACCOUNT',
  /** An access token and a refresh token are replaced only together. */
  PairRequired: 'PAIR_REQUIRED',
  /** The password is among those that are tried first by an attacker. */
  PasswordCommon: 'PASSWORD_COMMON',
  /** The password contains the e-mail address or the product's name. */
  PasswordGuessable: 'PASSWORD_GUESSABLE',
  /** The password is too long. */
  PasswordTooLong: 'PASSWORD_TOO_LONG',
  /** The password is too short. */
  PasswordTooShort: 'PASSWORD_TOO_SHORT',
  /** Step 1 of the order is missing: the client has no such product yet. */
  ProductRequired: 'PRODUCT_REQUIRED',
  /** The client's product is suspended: resume it first. */
  ProductSuspended: 'PRODUCT_SUSPENDED',
  /** The client has this product already; relatedId is the id of the ClientProduct. */
  ProductTaken: 'PRODUCT_TAKEN',
  /** The provider cannot be reached, has a fault or is in an incident: nothing was saved, try again later. */
  ProviderInTrouble: 'PROVIDER_IN_TROUBLE',
  /** The config is of another provider than the marketplace. */
  ProviderMismatch: 'PROVIDER_MISMATCH',
  /** The provider lacks settings of this installation: an administrator sets them under Configurações. */
  ProviderNotConfigured: 'PROVIDER_NOT_CONFIGURED',
  /** The field must not be empty. */
  Required: 'REQUIRED',
  /** The code, recovery code or passkey is not right. The message does not say which of the two. */
  SecondFactorInvalid: 'SECOND_FACTOR_INVALID',
  /** This portal demands a second factor: add another before removing the last one. */
  SecondFactorNeeded: 'SECOND_FACTOR_NEEDED',
  /** The text is none of the choices of the setting. */
  SettingChoice: 'SETTING_CHOICE',
  /** The text is not a day, written 2026-11-24. */
  SettingDate: 'SETTING_DATE',
  /** The setting was set in the environment of the program: change it there. */
  SettingFixed: 'SETTING_FIXED',
  /** The page sets the vendor's own addresses alone: any other is set in the environment of the program. */
  SettingHost: 'SETTING_HOST',
  /** The text is not a whole number. */
  SettingNumber: 'SETTING_NUMBER',
  /** The address must be https, without a query and without a user. */
  SettingUrl: 'SETTING_URL',
  /** The portal has its first administrator already, perhaps by this very request sent twice: log in. */
  SetupDone: 'SETUP_DONE',
  /** The set-up link is wrong, used or older than 30 minutes: restart the portal for a new one. */
  SetupTokenInvalid: 'SETUP_TOKEN_INVALID',
  /** That is not the name of the shop. */
  ShopName: 'SHOP_NAME',
  /** The provider does not know the client's document under the software house's own log-in: have the store made or linked there. */
  StoreUnknown: 'STORE_UNKNOWN',
  /** The request that the answer belongs to is unknown, has ended, or had too many wrong answers: begin again. */
  TicketInvalid: 'TICKET_INVALID',
  /** The request was answered already, perhaps by this very answer sent twice or in another tab: nothing was done again. */
  TicketUsed: 'TICKET_USED',
  /** The word Bearer of a header stands before a token, which is to be given alone. */
  TokenBearer: 'TOKEN_BEARER',
  /** A token has blanks or invisible characters inside: it was not copied as it is. */
  TokenBlanks: 'TOKEN_BLANKS',
  /** The text is longer than the field takes. */
  TooLong: 'TOO_LONG',
  /** The URL is not an http or https address of a shop. */
  UrlInvalid: 'URL_INVALID',
  /** The marketplace never had credentials of this version. */
  VersionUnknown: 'VERSION_UNKNOWN'
} as const;

export type UserErrorCode = typeof UserErrorCode[keyof typeof UserErrorCode];
type ConfigFields_MeuCarrinhoConfig_Fragment = { __typename: 'MeuCarrinhoConfig', username: string, password: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } };

type ConfigFields_NuvemshopConfig_Fragment = { __typename: 'NuvemshopConfig', storeUrl: string | null, storeId: string | null, accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null };

type ConfigFields_Plug4MarketConfig_Fragment = { __typename: 'Plug4MarketConfig', accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null, refreshToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } };

type ConfigFields_ShowKaseConfig_Fragment = { __typename: 'ShowKaseConfig', token: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } };

export type ConfigFieldsFragment =
  | ConfigFields_MeuCarrinhoConfig_Fragment
  | ConfigFields_NuvemshopConfig_Fragment
  | ConfigFields_Plug4MarketConfig_Fragment
  | ConfigFields_ShowKaseConfig_Fragment
;

export type FoundClientFragment = { id: string, name: string, tradeName: string | null, documentFormatted: string, archivedAt: string | null, products: Array<{ id: string, suspendedAt: string | null, product: { id: string, capabilities: Array<ProductCapability> }, marketplaces: Array<{ id: string, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason } }> }> };

export type FoundMarketplaceFragment = { id: string, provider: Provider, description: string, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason }, clientProduct: { id: string, client: { id: string, name: string } } };

export type FoundAccessKeyFragment = { id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, lastUsedAt: string | null, expiresAt: string | null, baitSince: string | null, clientProduct: { id: string, client: { id: string, name: string, archivedAt: string | null } } };

export type FindQueryVariables = Exact<{
  text: string;
}>;


export type FindQuery = { find: { clients: { more: boolean, nodes: Array<{ id: string, name: string, tradeName: string | null, documentFormatted: string, archivedAt: string | null, products: Array<{ id: string, suspendedAt: string | null, product: { id: string, capabilities: Array<ProductCapability> }, marketplaces: Array<{ id: string, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason } }> }> }> }, marketplaces: { more: boolean, nodes: Array<{ id: string, provider: Provider, description: string, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason }, clientProduct: { id: string, client: { id: string, name: string } } }> }, accessKeys: { more: boolean, nodes: Array<{ id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, lastUsedAt: string | null, expiresAt: string | null, baitSince: string | null, clientProduct: { id: string, client: { id: string, name: string, archivedAt: string | null } } }> }, operators: { more: boolean, nodes: Array<{ id: string, name: string, email: string, status: OperatorStatus }> }, serviceTokens: { more: boolean, nodes: Array<{ id: string, name: string, visiblePart: string, last4: string, expiresAt: string, revokedAt: string | null }> } } };

export type RecentsQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type RecentsQuery = { nodes: Array<
    | { __typename: 'AccessKey', id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, lastUsedAt: string | null, expiresAt: string | null, baitSince: string | null, clientProduct: { id: string, client: { id: string, name: string, archivedAt: string | null } } }
    | { __typename: 'AuditEvent' }
    | { __typename: 'Client', id: string, name: string, tradeName: string | null, documentFormatted: string, archivedAt: string | null, products: Array<{ id: string, suspendedAt: string | null, product: { id: string, capabilities: Array<ProductCapability> }, marketplaces: Array<{ id: string, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason } }> }> }
    | { __typename: 'ClientContact' }
    | { __typename: 'ClientNote' }
    | { __typename: 'ClientProduct' }
    | { __typename: 'CredentialRead' }
    | { __typename: 'Marketplace', id: string, provider: Provider, description: string, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason }, clientProduct: { id: string, client: { id: string, name: string } } }
    | { __typename: 'Operator' }
    | { __typename: 'Product' }
    | { __typename: 'ProviderIncident' }
    | { __typename: 'ServiceToken' }
   | null> };

export type MadeKeysQueryVariables = Exact<{
  by: string;
}>;


export type MadeKeysQuery = { accessKeys: { totalCount: number, edges: Array<{ node: { id: string, name: string, visiblePart: string, clientProduct: { client: { name: string } } } }> } };

export type AccessKeyFieldsFragment = { id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, createdAt: string, createdBy: string, expiresAt: string | null, overlapEndsAt: string | null, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null, addresses: Array<string>, refusedAt: string | null, refusedAddress: string | null, baitSince: string | null, baitUsedAt: string | null, version: number, replacedBy: { id: string, name: string } | null };

export type AccessKeysQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  search?: string | null | undefined;
  filter?: AccessKeyFilter | null | undefined;
  orderBy?: AccessKeyOrder | null | undefined;
}>;


export type AccessKeysQuery = { accessKeys: { totalCount: number, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, edges: Array<{ node: { id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, createdAt: string, createdBy: string, expiresAt: string | null, overlapEndsAt: string | null, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null, addresses: Array<string>, refusedAt: string | null, refusedAddress: string | null, baitSince: string | null, baitUsedAt: string | null, version: number, clientProduct: { id: string, client: { id: string, name: string, documentFormatted: string }, product: { id: string, name: string } }, replacedBy: { id: string, name: string } | null } }> } };

export type CreateAccessKeyMutationVariables = Exact<{
  input: CreateAccessKeyInput;
}>;


export type CreateAccessKeyMutation = { createAccessKey: { token: string | null, accessKey: { id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, createdAt: string, createdBy: string, expiresAt: string | null, overlapEndsAt: string | null, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null, addresses: Array<string>, refusedAt: string | null, refusedAddress: string | null, baitSince: string | null, baitUsedAt: string | null, version: number, replacedBy: { id: string, name: string } | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type RotateAccessKeyMutationVariables = Exact<{
  input: RotateAccessKeyInput;
}>;


export type RotateAccessKeyMutation = { rotateAccessKey: { token: string | null, accessKey: { id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, createdAt: string, createdBy: string, expiresAt: string | null, overlapEndsAt: string | null, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null, addresses: Array<string>, refusedAt: string | null, refusedAddress: string | null, baitSince: string | null, baitUsedAt: string | null, version: number, replacedBy: { id: string, name: string } | null } | null, replacedAccessKey: { id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, createdAt: string, createdBy: string, expiresAt: string | null, overlapEndsAt: string | null, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null, addresses: Array<string>, refusedAt: string | null, refusedAddress: string | null, baitSince: string | null, baitUsedAt: string | null, version: number, replacedBy: { id: string, name: string } | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type UpdateAccessKeyMutationVariables = Exact<{
  input: UpdateAccessKeyInput;
}>;


export type UpdateAccessKeyMutation = { updateAccessKey: { accessKey: { id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, createdAt: string, createdBy: string, expiresAt: string | null, overlapEndsAt: string | null, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null, addresses: Array<string>, refusedAt: string | null, refusedAddress: string | null, baitSince: string | null, baitUsedAt: string | null, version: number, replacedBy: { id: string, name: string } | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type SetBaitMutationVariables = Exact<{
  input: SetBaitInput;
}>;


export type SetBaitMutation = { setBait: { id: string | null, baitSince: string | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type RevokeAccessKeyMutationVariables = Exact<{
  input: RevokeAccessKeyInput;
}>;


export type RevokeAccessKeyMutation = { revokeAccessKey: { accessKey: { id: string, status: AccessKeyStatus, revokedAt: string | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type LeakedKeyQueryVariables = Exact<{
  id: string;
  since?: string | null | undefined;
}>;


export type LeakedKeyQuery = { node:
    | { __typename: 'AccessKey', id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, createdAt: string, createdBy: string, expiresAt: string | null, overlapEndsAt: string | null, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null, addresses: Array<string>, refusedAt: string | null, refusedAddress: string | null, baitSince: string | null, baitUsedAt: string | null, version: number, clientProduct: { id: string, client: { id: string, name: string }, product: { id: string, name: string } }, readMarketplaces: Array<{ marketplaceId: string, count: number, addressCount: number, lastAt: string, renewed: boolean, afterRevocation: boolean, marketplace: { id: string, provider: Provider, description: string } | null }>, replacedBy: { id: string, name: string } | null }
    | { __typename: 'AuditEvent' }
    | { __typename: 'Client' }
    | { __typename: 'ClientContact' }
    | { __typename: 'ClientNote' }
    | { __typename: 'ClientProduct' }
    | { __typename: 'CredentialRead' }
    | { __typename: 'Marketplace' }
    | { __typename: 'Operator' }
    | { __typename: 'Product' }
    | { __typename: 'ProviderIncident' }
    | { __typename: 'ServiceToken' }
   | null };

export type PasskeyFieldsFragment = { id: string, name: string, createdAt: string, lastUsedAt: string | null };

export type OperatorSessionFieldsFragment = { id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean };

export type OwnAccountFieldsFragment = { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> };

export type AccountResultFragment = { account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> };

export type SecondFactorResultFragment = { recoveryCodes: Array<string> | null, account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> };

export type OwnAccountQueryVariables = Exact<{ [key: string]: never; }>;


export type OwnAccountQuery = { account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } };

export type AccountChangeFieldsFragment = { id: string, at: string, by: string, address: string, action: string, fields: Array<{ field: string, old: string | null, new: string | null }> };

export type AccountChangesQueryVariables = Exact<{ [key: string]: never; }>;


export type AccountChangesQuery = { account: { changes: Array<{ id: string, at: string, by: string, address: string, action: string, fields: Array<{ field: string, old: string | null, new: string | null }> }> } };

export type OwnSecondFactorQueryVariables = Exact<{ [key: string]: never; }>;


export type OwnSecondFactorQuery = { viewer: { id: string, hasSecondFactor: boolean } };

export type UpdateAccountMutationVariables = Exact<{
  input: UpdateAccountInput;
}>;


export type UpdateAccountMutation = { updateAccount: { account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ChangePasswordMutationVariables = Exact<{
  input: ChangePasswordInput;
}>;


export type ChangePasswordMutation = { changePassword: { account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type BeginTotpMutationVariables = Exact<{ [key: string]: never; }>;


export type BeginTotpMutation = { beginTotp: { ticket: string, seed: string, address: string, picture: string } };

export type ConfirmTotpMutationVariables = Exact<{
  input: ConfirmTotpInput;
}>;


export type ConfirmTotpMutation = { confirmTotp: { recoveryCodes: Array<string> | null, account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type RemoveTotpMutationVariables = Exact<{ [key: string]: never; }>;


export type RemoveTotpMutation = { removeTotp: { account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type CreateRecoveryCodesMutationVariables = Exact<{ [key: string]: never; }>;


export type CreateRecoveryCodesMutation = { createRecoveryCodes: { recoveryCodes: Array<string> | null, account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type BeginPasskeyRegistrationMutationVariables = Exact<{ [key: string]: never; }>;


export type BeginPasskeyRegistrationMutation = { beginPasskeyRegistration: { ticket: string, options: string } };

export type AddPasskeyMutationVariables = Exact<{
  input: AddPasskeyInput;
}>;


export type AddPasskeyMutation = { addPasskey: { recoveryCodes: Array<string> | null, account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type RemovePasskeyMutationVariables = Exact<{
  input: RemovePasskeyInput;
}>;


export type RemovePasskeyMutation = { removePasskey: { account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type EndSessionMutationVariables = Exact<{
  input: EndSessionInput;
}>;


export type EndSessionMutation = { endSession: { account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type EndOtherSessionsMutationVariables = Exact<{ [key: string]: never; }>;


export type EndOtherSessionsMutation = { endOtherSessions: { account: { totpSince: string | null, recoveryCodesLeft: number, secondFactorRequired: boolean, minPasswordLength: number, operator: { id: string, name: string, email: string, role: OperatorRole, hasSecondFactor: boolean, version: number }, passkeys: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null }>, sessions: Array<{ id: string, browser: string, address: string, lastBrowser: string | null, lastAddress: string | null, movedAt: string | null, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type AuditEventsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  filter?: AuditEventFilter | null | undefined;
}>;


export type AuditEventsQuery = { auditEvents: { pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, edges: Array<{ node: { id: string, at: string, address: string, requestId: string, action: string, actor: { kind: AuditActorKind, id: string | null, label: string }, object: { id: string, name: string | null } | null, client: { id: string, name: string, erasedAt: string | null } | null, changes: Array<{ field: string, old: string | null, new: string | null }> } }> } };

export type AuditEventFieldsFragment = { id: string, at: string, address: string, requestId: string, action: string, actor: { kind: AuditActorKind, id: string | null, label: string }, object: { id: string, name: string | null } | null, client: { id: string, name: string, erasedAt: string | null } | null, changes: Array<{ field: string, old: string | null, new: string | null }> };

export type AuditNamesQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type AuditNamesQuery = { nodes: Array<
    | { id: string, keyName: string }
    | { id: string }
    | { id: string, clientName: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string, operatorName: string }
    | { id: string }
    | { id: string }
    | { id: string }
   | null> };

export type AuditClientsQueryVariables = Exact<{
  search: string;
}>;


export type AuditClientsQuery = { clients: { edges: Array<{ node: { id: string, name: string, documentFormatted: string } }> } };

export type ClientsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  search?: string | null | undefined;
  filter?: ClientFilter | null | undefined;
  orderBy?: ClientOrder | null | undefined;
}>;


export type ClientsQuery = { clients: { totalCount: number, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, edges: Array<{ node: { id: string, name: string, tradeName: string | null, documentFormatted: string, createdAt: string, archivedAt: string | null, baitSince: string | null, products: Array<{ id: string, suspendedAt: string | null, nextStep: SetupStep | null, product: { id: string, name: string }, marketplaces: Array<{ id: string, provider: Provider, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason } }> }> } }> } };

export type FindClientsQueryVariables = Exact<{
  search: string;
}>;


export type FindClientsQuery = { clients: { edges: Array<{ node: { id: string, name: string, tradeName: string | null, documentFormatted: string } }> } };

export type ClientOfDocumentQueryVariables = Exact<{
  document: string;
}>;


export type ClientOfDocumentQuery = { active: { edges: Array<{ node: { id: string, name: string, document: string } }> }, archived: { edges: Array<{ node: { id: string, name: string, document: string } }> } };

export type TagsInUseQueryVariables = Exact<{ [key: string]: never; }>;


export type TagsInUseQuery = { tagsInUse: Array<{ tag: string, clients: number }> };

export type ClientQueryVariables = Exact<{
  id: string;
}>;


export type ClientQuery = { client: { id: string, name: string, tradeName: string | null, document: string, documentFormatted: string, documentKind: DocumentKind | null, createdAt: string, updatedAt: string, archivedAt: string | null, erasedAt: string | null, baitSince: string | null, version: number, tags: Array<string>, products: Array<{ id: string, suspendedAt: string | null, nextStep: SetupStep | null, backOfficeLastCallAt: string | null, product: { id: string, name: string, capabilities: Array<ProductCapability> }, marketplaces: Array<{ id: string, provider: Provider, description: string, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason } }>, accessKeys: Array<{ id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, createdAt: string, createdBy: string, expiresAt: string | null, overlapEndsAt: string | null, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null, addresses: Array<string>, refusedAt: string | null, refusedAddress: string | null, baitSince: string | null, baitUsedAt: string | null, version: number, replacedBy: { id: string, name: string } | null }> }> } | null };

export type ClientFieldsFragment = { id: string, name: string, tradeName: string | null, document: string, documentFormatted: string, documentKind: DocumentKind | null, createdAt: string, updatedAt: string, archivedAt: string | null, erasedAt: string | null, baitSince: string | null, version: number, tags: Array<string> };

export type CreateClientMutationVariables = Exact<{
  input: CreateClientInput;
}>;


export type CreateClientMutation = { createClient: { client: { id: string, name: string, tradeName: string | null, document: string, documentFormatted: string, documentKind: DocumentKind | null, createdAt: string, updatedAt: string, archivedAt: string | null, erasedAt: string | null, baitSince: string | null, version: number, tags: Array<string> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type UpdateClientMutationVariables = Exact<{
  input: UpdateClientInput;
}>;


export type UpdateClientMutation = { updateClient: { client: { id: string, name: string, tradeName: string | null, document: string, documentFormatted: string, documentKind: DocumentKind | null, createdAt: string, updatedAt: string, archivedAt: string | null, erasedAt: string | null, baitSince: string | null, version: number, tags: Array<string> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ArchiveClientMutationVariables = Exact<{
  input: ArchiveClientInput;
}>;


export type ArchiveClientMutation = { archiveClient: { client: { id: string, archivedAt: string | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type RestoreClientMutationVariables = Exact<{
  input: RestoreClientInput;
}>;


export type RestoreClientMutation = { restoreClient: { client: { id: string, archivedAt: string | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ExportClientMutationVariables = Exact<{
  input: ExportClientInput;
}>;


export type ExportClientMutation = { exportClient: { content: string | null, fileName: string | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type EraseClientMutationVariables = Exact<{
  input: EraseClientInput;
}>;


export type EraseClientMutation = { eraseClient: { client: { id: string, name: string, tradeName: string | null, document: string, documentFormatted: string, documentKind: DocumentKind | null, createdAt: string, updatedAt: string, archivedAt: string | null, erasedAt: string | null, baitSince: string | null, version: number, tags: Array<string> } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type DueFieldsFragment = { kind: DueKind, at: string, withinDays: number | null, provider: Provider | null, message: string, client: { id: string, name: string } | null, marketplace: { id: string, description: string, clientProduct: { id: string } } | null, accessKey: { id: string, name: string, clientProduct: { id: string } } | null, operator: { id: string, name: string } | null };

export type DueQueryVariables = Exact<{
  withinDays: number;
}>;


export type DueQuery = { due: Array<{ kind: DueKind, at: string, withinDays: number | null, provider: Provider | null, message: string, client: { id: string, name: string } | null, marketplace: { id: string, description: string, clientProduct: { id: string } } | null, accessKey: { id: string, name: string, clientProduct: { id: string } } | null, operator: { id: string, name: string } | null }> };

export type FactsFieldsFragment = { availability: number | null, downMinutes: number, incidentMinutes: number, broke: number, brokeInIncident: number, meanMinutesToMend: number | null, longestMinutes: number };

export type HistoryFieldsFragment = { from: string, to: string, facts: { availability: number | null, downMinutes: number, incidentMinutes: number, broke: number, brokeInIncident: number, meanMinutesToMend: number | null, longestMinutes: number }, days: Array<{ begins: string, worst: MarketplaceHealthState | null, downMinutes: number, incidentMinutes: number }> };

export type ProductHistoryQueryVariables = Exact<{
  id: string;
  zone: string;
}>;


export type ProductHistoryQuery = { node:
    | { marketplaces: Array<{ id: string, history: { from: string, to: string, facts: { availability: number | null, downMinutes: number, incidentMinutes: number, broke: number, brokeInIncident: number, meanMinutesToMend: number | null, longestMinutes: number }, days: Array<{ begins: string, worst: MarketplaceHealthState | null, downMinutes: number, incidentMinutes: number }> } }> }
    | Record<PropertyKey, never>
   | null };

export type ClientHistoryQueryVariables = Exact<{
  id: string;
  zone: string;
}>;


export type ClientHistoryQuery = { client: { id: string, history: { from: string, to: string, facts: { availability: number | null, downMinutes: number, incidentMinutes: number, broke: number, brokeInIncident: number, meanMinutesToMend: number | null, longestMinutes: number }, days: Array<{ begins: string, worst: MarketplaceHealthState | null, downMinutes: number, incidentMinutes: number }> } } | null };

export type ClientMonthQueryVariables = Exact<{
  id: string;
  from: string;
  to: string;
  zone: string;
}>;


export type ClientMonthQuery = { client: { id: string, name: string, documentFormatted: string, documentKind: DocumentKind | null, createdAt: string, erasedAt: string | null, history: { from: string, to: string, facts: { availability: number | null, downMinutes: number, incidentMinutes: number, broke: number, brokeInIncident: number, meanMinutesToMend: number | null, longestMinutes: number }, days: Array<{ begins: string, worst: MarketplaceHealthState | null, downMinutes: number, incidentMinutes: number }> }, products: Array<{ id: string, product: { name: string }, marketplaces: Array<{ id: string, provider: Provider, description: string, createdAt: string, history: { from: string, to: string, facts: { availability: number | null, downMinutes: number, incidentMinutes: number, broke: number, brokeInIncident: number, meanMinutesToMend: number | null, longestMinutes: number }, days: Array<{ begins: string, worst: MarketplaceHealthState | null, downMinutes: number, incidentMinutes: number }> } }> }> } | null };

export type SecretFieldsFragment = { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string };

export type AccountFieldsFragment = { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null };

export type MarketplaceFieldsFragment = { id: string, provider: Provider, description: string, createdAt: string, updatedAt: string, version: number, renewedAt: string | null, unreadAnswerUntil: string | null, providerMessage: string | null, technicalDetail: string | null, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason, message: string, since: string, lastCheckedAt: string | null, nextCheckAt: string | null }, account: { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null } | null, installLink: { id: string, createdBy: string, expiresAt: string } | null, config:
    | { __typename: 'MeuCarrinhoConfig', username: string, password: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
    | { __typename: 'NuvemshopConfig', storeUrl: string | null, storeId: string | null, accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null }
    | { __typename: 'Plug4MarketConfig', accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null, refreshToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
    | { __typename: 'ShowKaseConfig', token: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
   };

export type AddMarketplaceMutationVariables = Exact<{
  input: AddMarketplaceInput;
}>;


export type AddMarketplaceMutation = { addMarketplace: { marketplace: { id: string, provider: Provider, description: string, createdAt: string, updatedAt: string, version: number, renewedAt: string | null, unreadAnswerUntil: string | null, providerMessage: string | null, technicalDetail: string | null, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason, message: string, since: string, lastCheckedAt: string | null, nextCheckAt: string | null }, account: { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null } | null, installLink: { id: string, createdBy: string, expiresAt: string } | null, config:
        | { __typename: 'MeuCarrinhoConfig', username: string, password: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
        | { __typename: 'NuvemshopConfig', storeUrl: string | null, storeId: string | null, accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null }
        | { __typename: 'Plug4MarketConfig', accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null, refreshToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
        | { __typename: 'ShowKaseConfig', token: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
       } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ConnectMarketplaceMutationVariables = Exact<{
  input: ConnectMarketplaceInput;
}>;


export type ConnectMarketplaceMutation = { connectMarketplace: { marketplace: { id: string, provider: Provider, description: string, createdAt: string, updatedAt: string, version: number, renewedAt: string | null, unreadAnswerUntil: string | null, providerMessage: string | null, technicalDetail: string | null, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason, message: string, since: string, lastCheckedAt: string | null, nextCheckAt: string | null }, account: { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null } | null, installLink: { id: string, createdBy: string, expiresAt: string } | null, config:
        | { __typename: 'MeuCarrinhoConfig', username: string, password: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
        | { __typename: 'NuvemshopConfig', storeUrl: string | null, storeId: string | null, accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null }
        | { __typename: 'Plug4MarketConfig', accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null, refreshToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
        | { __typename: 'ShowKaseConfig', token: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
       } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type UpdateMarketplaceMutationVariables = Exact<{
  input: UpdateMarketplaceInput;
}>;


export type UpdateMarketplaceMutation = { updateMarketplace: { marketplace: { id: string, provider: Provider, description: string, createdAt: string, updatedAt: string, version: number, renewedAt: string | null, unreadAnswerUntil: string | null, providerMessage: string | null, technicalDetail: string | null, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason, message: string, since: string, lastCheckedAt: string | null, nextCheckAt: string | null }, account: { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null } | null, installLink: { id: string, createdBy: string, expiresAt: string } | null, config:
        | { __typename: 'MeuCarrinhoConfig', username: string, password: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
        | { __typename: 'NuvemshopConfig', storeUrl: string | null, storeId: string | null, accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null }
        | { __typename: 'Plug4MarketConfig', accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null, refreshToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
        | { __typename: 'ShowKaseConfig', token: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
       } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ConfirmShopMutationVariables = Exact<{
  input: ConfirmMarketplaceShopInput;
}>;


export type ConfirmShopMutation = { confirmMarketplaceShop: { marketplace: { id: string, provider: Provider, description: string, createdAt: string, updatedAt: string, version: number, renewedAt: string | null, unreadAnswerUntil: string | null, providerMessage: string | null, technicalDetail: string | null, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason, message: string, since: string, lastCheckedAt: string | null, nextCheckAt: string | null }, account: { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null } | null, installLink: { id: string, createdBy: string, expiresAt: string } | null, config:
        | { __typename: 'MeuCarrinhoConfig', username: string, password: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
        | { __typename: 'NuvemshopConfig', storeUrl: string | null, storeId: string | null, accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null }
        | { __typename: 'Plug4MarketConfig', accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null, refreshToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
        | { __typename: 'ShowKaseConfig', token: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
       } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type RemoveMarketplaceMutationVariables = Exact<{
  input: RemoveMarketplaceInput;
}>;


export type RemoveMarketplaceMutation = { removeMarketplace: { clientProduct: { id: string, nextStep: SetupStep | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type MarketplaceTestFieldsFragment = { outcome: MarketplaceTestOutcome, message: string, providerMessage: string | null, technicalDetail: string | null, identityWarning: string | null, account: { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null } | null };

export type TestMarketplaceConfigMutationVariables = Exact<{
  input: TestMarketplaceConfigInput;
}>;


export type TestMarketplaceConfigMutation = { testMarketplaceConfig: { result: { outcome: MarketplaceTestOutcome, message: string, providerMessage: string | null, technicalDetail: string | null, identityWarning: string | null, account: { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null } | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type TestMarketplaceMutationVariables = Exact<{
  input: TestMarketplaceInput;
}>;


export type TestMarketplaceMutation = { testMarketplace: { result: { outcome: MarketplaceTestOutcome, message: string, providerMessage: string | null, technicalDetail: string | null, identityWarning: string | null, account: { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null } | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ProviderStatusesQueryVariables = Exact<{ [key: string]: never; }>;


export type ProviderStatusesQuery = { providers: Array<{ provider: Provider, configured: boolean, message: string | null, installable: boolean, testable: boolean, mintable: boolean, panelUrl: string | null }> };

export type IncidentFieldsFragment = { id: string, provider: Provider, openedAt: string, closedAt: string | null, affected: number, connections: number, evidence: string };

export type OpenIncidentsQueryVariables = Exact<{ [key: string]: never; }>;


export type OpenIncidentsQuery = { providerIncidents: { edges: Array<{ node: { id: string, provider: Provider, openedAt: string, closedAt: string | null, affected: number, connections: number, evidence: string } }> } };

export type IncidentHistoryQueryVariables = Exact<{
  first: number;
}>;


export type IncidentHistoryQuery = { providerIncidents: { totalCount: number, edges: Array<{ node: { id: string, provider: Provider, openedAt: string, closedAt: string | null, affected: number, connections: number, evidence: string } }> } };

export type StartInstallMutationVariables = Exact<{
  input: StartInstallInput;
}>;


export type StartInstallMutation = { startInstall: { authorizeUrl: string | null, expiresAt: string | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type CreateInstallLinkMutationVariables = Exact<{
  input: CreateInstallLinkInput;
}>;


export type CreateInstallLinkMutation = { createInstallLink: { url: string | null, marketplace: { id: string, installLink: { id: string, createdBy: string, expiresAt: string } | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type RevokeInstallLinkMutationVariables = Exact<{
  input: RevokeInstallLinkInput;
}>;


export type RevokeInstallLinkMutation = { revokeInstallLink: { marketplace: { id: string, installLink: { id: string } | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type InstallOwnerQueryVariables = Exact<{
  id: string;
}>;


export type InstallOwnerQuery = { client: { name: string } | null };

export type UnclaimedFieldsFragment = { id: string, provider: Provider, createdAt: string, account: { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null } | null, suggestedClient: { id: string, name: string, documentFormatted: string } | null };

export type UnclaimedInstallationsQueryVariables = Exact<{ [key: string]: never; }>;


export type UnclaimedInstallationsQuery = { unclaimedInstallations: Array<{ id: string, provider: Provider, createdAt: string, account: { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null } | null, suggestedClient: { id: string, name: string, documentFormatted: string } | null }> };

export type ChooseClientQueryVariables = Exact<{
  search?: string | null | undefined;
}>;


export type ChooseClientQuery = { clients: { edges: Array<{ node: { id: string, name: string, documentFormatted: string } }> } };

export type InstallationTargetsQueryVariables = Exact<{
  clientId: string;
}>;


export type InstallationTargetsQuery = { client: { id: string, products: Array<{ id: string, suspendedAt: string | null, product: { id: string, name: string, capabilities: Array<ProductCapability> }, marketplaces: Array<{ id: string, provider: Provider, description: string, health: { reason: MarketplaceHealthReason } }> }> } | null };

export type AttachInstallationMutationVariables = Exact<{
  input: AttachInstallationInput;
}>;


export type AttachInstallationMutation = { attachInstallation: { marketplace: { id: string, clientProduct: { id: string, client: { id: string } } } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type DiscardInstallationMutationVariables = Exact<{
  input: DiscardInstallationInput;
}>;


export type DiscardInstallationMutation = { discardInstallation: { id: string | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type NoticeFieldsFragment = { id: string, provider: Provider, topic: string, accountId: string, createdAt: string, provenAt: string | null, marketplace: { id: string, description: string, clientProduct: { id: string, client: { id: string, name: string } } } | null };

export type ProviderNoticesQueryVariables = Exact<{ [key: string]: never; }>;


export type ProviderNoticesQuery = { providerNotices: Array<{ id: string, provider: Provider, topic: string, accountId: string, createdAt: string, provenAt: string | null, marketplace: { id: string, description: string, clientProduct: { id: string, client: { id: string, name: string } } } | null }> };

export type CloseProviderNoticeMutationVariables = Exact<{
  input: CloseProviderNoticeInput;
}>;


export type CloseProviderNoticeMutation = { closeProviderNotice: { id: string | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ProviderFieldsFragment = { provider: Provider, configured: boolean, message: string | null, houseRefusedAt: string | null, addresses: Array<{ topic: string, url: string }>, settings: Array<{ name: string, kind: ProviderSettingKind, value: string | null, default: string | null, choices: Array<string>, required: boolean, source: ProviderSettingSource, environmentVariable: string, secret: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null }> | null };

export type ProviderSettingsQueryVariables = Exact<{ [key: string]: never; }>;


export type ProviderSettingsQuery = { providers: Array<{ provider: Provider, configured: boolean, message: string | null, houseRefusedAt: string | null, addresses: Array<{ topic: string, url: string }>, settings: Array<{ name: string, kind: ProviderSettingKind, value: string | null, default: string | null, choices: Array<string>, required: boolean, source: ProviderSettingSource, environmentVariable: string, secret: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null }> | null }> };

export type UpdateProviderSettingsMutationVariables = Exact<{
  input: UpdateProviderSettingsInput;
}>;


export type UpdateProviderSettingsMutation = { updateProviderSettings: { provider: { provider: Provider, configured: boolean, message: string | null, houseRefusedAt: string | null, addresses: Array<{ topic: string, url: string }>, settings: Array<{ name: string, kind: ProviderSettingKind, value: string | null, default: string | null, choices: Array<string>, required: boolean, source: ProviderSettingSource, environmentVariable: string, secret: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null }> | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type OperatorFieldsFragment = { id: string, name: string, email: string, role: OperatorRole, status: OperatorStatus, hasSecondFactor: boolean, lastLoginAt: string | null, version: number };

export type OperatorResultFragment = { operator: { id: string, name: string, email: string, role: OperatorRole, status: OperatorStatus, hasSecondFactor: boolean, lastLoginAt: string | null, version: number } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> };

export type OperatorLinkResultFragment = { link: string | null, linkExpiresAt: string | null, operator: { id: string, name: string, email: string, role: OperatorRole, status: OperatorStatus, hasSecondFactor: boolean, lastLoginAt: string | null, version: number } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> };

export type OperatorsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type OperatorsQuery = { operators: { totalCount: number, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, edges: Array<{ node: { id: string, name: string, email: string, role: OperatorRole, status: OperatorStatus, hasSecondFactor: boolean, lastLoginAt: string | null, version: number } }> } };

export type InviteOperatorMutationVariables = Exact<{
  input: InviteOperatorInput;
}>;


export type InviteOperatorMutation = { inviteOperator: { link: string | null, linkExpiresAt: string | null, operator: { id: string, name: string, email: string, role: OperatorRole, status: OperatorStatus, hasSecondFactor: boolean, lastLoginAt: string | null, version: number } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type CreatePasswordLinkMutationVariables = Exact<{
  input: OperatorInput;
}>;


export type CreatePasswordLinkMutation = { createPasswordLink: { link: string | null, linkExpiresAt: string | null, operator: { id: string, name: string, email: string, role: OperatorRole, status: OperatorStatus, hasSecondFactor: boolean, lastLoginAt: string | null, version: number } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type UpdateOperatorMutationVariables = Exact<{
  input: UpdateOperatorInput;
}>;


export type UpdateOperatorMutation = { updateOperator: { operator: { id: string, name: string, email: string, role: OperatorRole, status: OperatorStatus, hasSecondFactor: boolean, lastLoginAt: string | null, version: number } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type DisableOperatorMutationVariables = Exact<{
  input: DisableOperatorInput;
}>;


export type DisableOperatorMutation = { disableOperator: { operator: { id: string, name: string, email: string, role: OperatorRole, status: OperatorStatus, hasSecondFactor: boolean, lastLoginAt: string | null, version: number } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type EnableOperatorMutationVariables = Exact<{
  input: OperatorInput;
}>;


export type EnableOperatorMutation = { enableOperator: { operator: { id: string, name: string, email: string, role: OperatorRole, status: OperatorStatus, hasSecondFactor: boolean, lastLoginAt: string | null, version: number } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type EndOperatorSessionsMutationVariables = Exact<{
  input: OperatorInput;
}>;


export type EndOperatorSessionsMutation = { endOperatorSessions: { operator: { id: string, name: string, email: string, role: OperatorRole, status: OperatorStatus, hasSecondFactor: boolean, lastLoginAt: string | null, version: number } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type RemoveSecondFactorMutationVariables = Exact<{
  input: OperatorInput;
}>;


export type RemoveSecondFactorMutation = { removeSecondFactor: { operator: { id: string, name: string, email: string, role: OperatorRole, status: OperatorStatus, hasSecondFactor: boolean, lastLoginAt: string | null, version: number } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ProductFieldsFragment = { id: string, code: string, name: string, description: string | null, capabilities: Array<ProductCapability>, updatedAt: string, version: number };

export type ProductsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ProductsQuery = { products: { totalCount: number, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, edges: Array<{ node: { id: string, code: string, name: string, description: string | null, capabilities: Array<ProductCapability>, updatedAt: string, version: number } }> } };

export type CreateProductMutationVariables = Exact<{
  input: CreateProductInput;
}>;


export type CreateProductMutation = { createProduct: { product: { id: string, code: string, name: string, description: string | null, capabilities: Array<ProductCapability>, updatedAt: string, version: number } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type UpdateProductMutationVariables = Exact<{
  input: UpdateProductInput;
}>;


export type UpdateProductMutation = { updateProduct: { product: { id: string, code: string, name: string, description: string | null, capabilities: Array<ProductCapability>, updatedAt: string, version: number } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ClientProductQueryVariables = Exact<{
  id: string;
}>;


export type ClientProductQuery = { node:
    | { __typename: 'AccessKey' }
    | { __typename: 'AuditEvent' }
    | { __typename: 'Client' }
    | { __typename: 'ClientContact' }
    | { __typename: 'ClientNote' }
    | { __typename: 'ClientProduct', id: string, createdAt: string, suspendedAt: string | null, version: number, nextStep: SetupStep | null, backOfficeLastCallAt: string | null, client: { id: string, name: string, documentFormatted: string, documentKind: DocumentKind | null, archivedAt: string | null }, product: { id: string, name: string, description: string | null, capabilities: Array<ProductCapability> }, marketplaces: Array<{ id: string, provider: Provider, description: string, createdAt: string, updatedAt: string, version: number, renewedAt: string | null, unreadAnswerUntil: string | null, providerMessage: string | null, technicalDetail: string | null, health: { state: MarketplaceHealthState, reason: MarketplaceHealthReason, message: string, since: string, lastCheckedAt: string | null, nextCheckAt: string | null }, account: { id: string | null, name: string | null, document: string | null, matchesClient: boolean | null, isBranch: boolean | null } | null, installLink: { id: string, createdBy: string, expiresAt: string } | null, config:
          | { __typename: 'MeuCarrinhoConfig', username: string, password: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
          | { __typename: 'NuvemshopConfig', storeUrl: string | null, storeId: string | null, accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null }
          | { __typename: 'Plug4MarketConfig', accessToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } | null, refreshToken: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
          | { __typename: 'ShowKaseConfig', token: { setAt: string, setBy: string, expiresAt: string | null, fingerprint: string } }
         }>, accessKeys: Array<{ id: string, name: string, visiblePart: string, last4: string, status: AccessKeyStatus, createdAt: string, createdBy: string, expiresAt: string | null, overlapEndsAt: string | null, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null, addresses: Array<string>, refusedAt: string | null, refusedAddress: string | null, baitSince: string | null, baitUsedAt: string | null, version: number, replacedBy: { id: string, name: string } | null }> }
    | { __typename: 'CredentialRead' }
    | { __typename: 'Marketplace' }
    | { __typename: 'Operator' }
    | { __typename: 'Product' }
    | { __typename: 'ProviderIncident' }
    | { __typename: 'ServiceToken' }
   | null };

export type AddClientProductMutationVariables = Exact<{
  input: AddClientProductInput;
}>;


export type AddClientProductMutation = { addClientProduct: { clientProduct: { id: string, client: { id: string } } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type SuspendClientProductMutationVariables = Exact<{
  input: SuspendClientProductInput;
}>;


export type SuspendClientProductMutation = { suspendClientProduct: { clientProduct: { id: string, suspendedAt: string | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ResumeClientProductMutationVariables = Exact<{
  input: ResumeClientProductInput;
}>;


export type ResumeClientProductMutation = { resumeClientProduct: { clientProduct: { id: string, suspendedAt: string | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ServiceTokenFieldsFragment = { id: string, name: string, role: OperatorRole, scopes: Array<ServiceScope>, addresses: Array<string>, visiblePart: string, last4: string, createdAt: string, createdBy: string, expiresAt: string, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null };

export type ServiceTokensQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ServiceTokensQuery = { serviceTokens: { totalCount: number, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, edges: Array<{ node: { id: string, name: string, role: OperatorRole, scopes: Array<ServiceScope>, addresses: Array<string>, visiblePart: string, last4: string, createdAt: string, createdBy: string, expiresAt: string, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null } }> } };

export type CreateServiceTokenMutationVariables = Exact<{
  input: CreateServiceTokenInput;
}>;


export type CreateServiceTokenMutation = { createServiceToken: { token: string | null, serviceToken: { id: string, name: string, role: OperatorRole, scopes: Array<ServiceScope>, addresses: Array<string>, visiblePart: string, last4: string, createdAt: string, createdBy: string, expiresAt: string, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type RevokeServiceTokenMutationVariables = Exact<{
  input: RevokeServiceTokenInput;
}>;


export type RevokeServiceTokenMutation = { revokeServiceToken: { serviceToken: { id: string, name: string, role: OperatorRole, scopes: Array<ServiceScope>, addresses: Array<string>, visiblePart: string, last4: string, createdAt: string, createdBy: string, expiresAt: string, revokedAt: string | null, lastUsedAt: string | null, lastUsedAddress: string | null, exposedAt: string | null } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type SetupRequiredQueryVariables = Exact<{ [key: string]: never; }>;


export type SetupRequiredQuery = { setupRequired: boolean };

export type SecondFactorFieldsFragment = { ticket: string, methods: Array<SecondFactorMethod>, passkeyOptions: string | null, passkeysMadeAt: string | null };

export type LoginMutationVariables = Exact<{
  input: LoginInput;
}>;


export type LoginMutation = { login: { accessToken: string | null, expiresAt: string | null, secondFactor: { ticket: string, methods: Array<SecondFactorMethod>, passkeyOptions: string | null, passkeysMadeAt: string | null } | null, operator: { id: string, name: string, email: string, role: OperatorRole } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type CompleteLoginMutationVariables = Exact<{
  input: CompleteLoginInput;
}>;


export type CompleteLoginMutation = { completeLogin: { accessToken: string | null, expiresAt: string | null, operator: { id: string, name: string, email: string, role: OperatorRole } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type BeginPasskeyLoginMutationVariables = Exact<{ [key: string]: never; }>;


export type BeginPasskeyLoginMutation = { beginPasskeyLogin: { ticket: string, options: string } };

export type PasswordLinkQueryVariables = Exact<{
  link: string;
}>;


export type PasswordLinkQuery = { passwordLink: { purpose: PasswordLinkPurpose, name: string, email: string, minLength: number } | null };

export type SetPasswordMutationVariables = Exact<{
  input: SetPasswordInput;
}>;


export type SetPasswordMutation = { setPassword: { accessToken: string | null, expiresAt: string | null, secondFactor: { ticket: string, methods: Array<SecondFactorMethod>, passkeyOptions: string | null, passkeysMadeAt: string | null } | null, operator: { id: string, name: string, email: string, role: OperatorRole } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type CreateFirstAdministratorMutationVariables = Exact<{
  input: CreateFirstAdministratorInput;
}>;


export type CreateFirstAdministratorMutation = { createFirstAdministrator: { accessToken: string | null, expiresAt: string | null, operator: { id: string, name: string, email: string, role: OperatorRole } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type ProofMethodsQueryVariables = Exact<{ [key: string]: never; }>;


export type ProofMethodsQuery = { account: { totpSince: string | null, passkeys: Array<{ id: string }>, operator: { id: string, hasSecondFactor: boolean } } };

export type ReauthenticateMutationVariables = Exact<{
  input: ReauthenticateInput;
}>;


export type ReauthenticateMutation = { reauthenticate: { accessToken: string | null, expiresAt: string | null, operator: { id: string, name: string, email: string, role: OperatorRole } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type BeginPasskeyReauthenticationMutationVariables = Exact<{ [key: string]: never; }>;


export type BeginPasskeyReauthenticationMutation = { beginPasskeyReauthentication: { ticket: string, options: string } };

export type ChangesSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type ChangesSubscription = { changes: { topic: ChangeTopic, clientId: string | null, clientProductId: string | null, objectId: string | null } };

export type SessionFieldsFragment = { accessToken: string | null, expiresAt: string | null, operator: { id: string, name: string, email: string, role: OperatorRole } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> };

export type RefreshSessionMutationVariables = Exact<{ [key: string]: never; }>;


export type RefreshSessionMutation = { refreshSession: { accessToken: string | null, expiresAt: string | null, operator: { id: string, name: string, email: string, role: OperatorRole } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type LogoutMutationVariables = Exact<{ [key: string]: never; }>;


export type LogoutMutation = { logout: { userErrors: Array<{ code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> }> } };

export type UserErrorFieldsFragment = { code: UserErrorCode, field: Array<string>, message: string, relatedId: string | null, edits: Array<{ at: string, by: string, fields: Array<string> }> };

export type HomeQueryVariables = Exact<{ [key: string]: never; }>;


export type HomeQuery = { all: { totalCount: number }, problems: { totalCount: number, edges: Array<{ node: { id: string, name: string, documentFormatted: string } }> }, keyless: { totalCount: number, edges: Array<{ node: { id: string, name: string, documentFormatted: string } }> }, keys: { totalCount: number } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const FoundClientFragmentDoc = new TypedDocumentString(`
    fragment FoundClient on Client {
  id
  name
  tradeName
  documentFormatted
  archivedAt
  products {
    id
    suspendedAt
    product {
      id
      capabilities
    }
    marketplaces {
      id
      health {
        state
        reason
      }
    }
  }
}
    `, {"fragmentName":"FoundClient"}) as unknown as TypedDocumentString<FoundClientFragment, unknown>;
export const FoundMarketplaceFragmentDoc = new TypedDocumentString(`
    fragment FoundMarketplace on Marketplace {
  id
  provider
  description
  health {
    state
    reason
  }
  clientProduct {
    id
    client {
      id
      name
    }
  }
}
    `, {"fragmentName":"FoundMarketplace"}) as unknown as TypedDocumentString<FoundMarketplaceFragment, unknown>;
export const FoundAccessKeyFragmentDoc = new TypedDocumentString(`
    fragment FoundAccessKey on AccessKey {
  id
  name
  visiblePart
  last4
  status
  lastUsedAt
  expiresAt
  baitSince
  clientProduct {
    id
    client {
      id
      name
      archivedAt
    }
  }
}
    `, {"fragmentName":"FoundAccessKey"}) as unknown as TypedDocumentString<FoundAccessKeyFragment, unknown>;
export const AccessKeyFieldsFragmentDoc = new TypedDocumentString(`
    fragment AccessKeyFields on AccessKey {
  id
  name
  visiblePart
  last4
  status
  createdAt
  createdBy
  expiresAt
  overlapEndsAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
  addresses
  refusedAt
  refusedAddress
  baitSince
  baitUsedAt
  version
  replacedBy {
    id
    name
  }
}
    `, {"fragmentName":"AccessKeyFields"}) as unknown as TypedDocumentString<AccessKeyFieldsFragment, unknown>;
export const PasskeyFieldsFragmentDoc = new TypedDocumentString(`
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
    `, {"fragmentName":"PasskeyFields"}) as unknown as TypedDocumentString<PasskeyFieldsFragment, unknown>;
export const OperatorSessionFieldsFragmentDoc = new TypedDocumentString(`
    fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
    `, {"fragmentName":"OperatorSessionFields"}) as unknown as TypedDocumentString<OperatorSessionFieldsFragment, unknown>;
export const OwnAccountFieldsFragmentDoc = new TypedDocumentString(`
    fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}`, {"fragmentName":"OwnAccountFields"}) as unknown as TypedDocumentString<OwnAccountFieldsFragment, unknown>;
export const UserErrorFieldsFragmentDoc = new TypedDocumentString(`
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}
    `, {"fragmentName":"UserErrorFields"}) as unknown as TypedDocumentString<UserErrorFieldsFragment, unknown>;
export const AccountResultFragmentDoc = new TypedDocumentString(`
    fragment AccountResult on AccountPayload {
  account {
    ...OwnAccountFields
  }
  userErrors {
    ...UserErrorFields
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`, {"fragmentName":"AccountResult"}) as unknown as TypedDocumentString<AccountResultFragment, unknown>;
export const SecondFactorResultFragmentDoc = new TypedDocumentString(`
    fragment SecondFactorResult on SecondFactorPayload {
  account {
    ...OwnAccountFields
  }
  recoveryCodes
  userErrors {
    ...UserErrorFields
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`, {"fragmentName":"SecondFactorResult"}) as unknown as TypedDocumentString<SecondFactorResultFragment, unknown>;
export const AccountChangeFieldsFragmentDoc = new TypedDocumentString(`
    fragment AccountChangeFields on AccountChange {
  id
  at
  by
  address
  action
  fields {
    field
    old
    new
  }
}
    `, {"fragmentName":"AccountChangeFields"}) as unknown as TypedDocumentString<AccountChangeFieldsFragment, unknown>;
export const AuditEventFieldsFragmentDoc = new TypedDocumentString(`
    fragment AuditEventFields on AuditEvent {
  id
  at
  actor {
    kind
    id
    label
  }
  address
  requestId
  action
  object {
    id
    name
  }
  client {
    id
    name
    erasedAt
  }
  changes {
    field
    old
    new
  }
}
    `, {"fragmentName":"AuditEventFields"}) as unknown as TypedDocumentString<AuditEventFieldsFragment, unknown>;
export const ClientFieldsFragmentDoc = new TypedDocumentString(`
    fragment ClientFields on Client {
  id
  name
  tradeName
  document
  documentFormatted
  documentKind
  createdAt
  updatedAt
  archivedAt
  erasedAt
  baitSince
  version
  tags
}
    `, {"fragmentName":"ClientFields"}) as unknown as TypedDocumentString<ClientFieldsFragment, unknown>;
export const DueFieldsFragmentDoc = new TypedDocumentString(`
    fragment DueFields on DueItem {
  kind
  at
  withinDays
  provider
  message
  client {
    id
    name
  }
  marketplace {
    id
    description
    clientProduct {
      id
    }
  }
  accessKey {
    id
    name
    clientProduct {
      id
    }
  }
  operator {
    id
    name
  }
}
    `, {"fragmentName":"DueFields"}) as unknown as TypedDocumentString<DueFieldsFragment, unknown>;
export const FactsFieldsFragmentDoc = new TypedDocumentString(`
    fragment FactsFields on MarketplaceHealthFacts {
  availability
  downMinutes
  incidentMinutes
  broke
  brokeInIncident
  meanMinutesToMend
  longestMinutes
}
    `, {"fragmentName":"FactsFields"}) as unknown as TypedDocumentString<FactsFieldsFragment, unknown>;
export const HistoryFieldsFragmentDoc = new TypedDocumentString(`
    fragment HistoryFields on MarketplaceHistory {
  from
  to
  facts {
    ...FactsFields
  }
  days {
    begins
    worst
    downMinutes
    incidentMinutes
  }
}
    fragment FactsFields on MarketplaceHealthFacts {
  availability
  downMinutes
  incidentMinutes
  broke
  brokeInIncident
  meanMinutesToMend
  longestMinutes
}`, {"fragmentName":"HistoryFields"}) as unknown as TypedDocumentString<HistoryFieldsFragment, unknown>;
export const AccountFieldsFragmentDoc = new TypedDocumentString(`
    fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}
    `, {"fragmentName":"AccountFields"}) as unknown as TypedDocumentString<AccountFieldsFragment, unknown>;
export const SecretFieldsFragmentDoc = new TypedDocumentString(`
    fragment SecretFields on SecretState {
  setAt
  setBy
  expiresAt
  fingerprint
}
    `, {"fragmentName":"SecretFields"}) as unknown as TypedDocumentString<SecretFieldsFragment, unknown>;
export const ConfigFieldsFragmentDoc = new TypedDocumentString(`
    fragment ConfigFields on MarketplaceConfig {
  __typename
  ... on MeuCarrinhoConfig {
    username
    password {
      ...SecretFields
    }
  }
  ... on NuvemshopConfig {
    storeUrl
    storeId
    accessToken {
      ...SecretFields
    }
  }
  ... on Plug4MarketConfig {
    accessToken {
      ...SecretFields
    }
    refreshToken {
      ...SecretFields
    }
  }
  ... on ShowKaseConfig {
    token {
      ...SecretFields
    }
  }
}
    fragment SecretFields on SecretState {
  setAt
  setBy
  expiresAt
  fingerprint
}`, {"fragmentName":"ConfigFields"}) as unknown as TypedDocumentString<ConfigFieldsFragment, unknown>;
export const MarketplaceFieldsFragmentDoc = new TypedDocumentString(`
    fragment MarketplaceFields on Marketplace {
  id
  provider
  description
  createdAt
  updatedAt
  version
  renewedAt
  unreadAnswerUntil
  providerMessage
  technicalDetail
  health {
    state
    reason
    message
    since
    lastCheckedAt
    nextCheckAt
  }
  account {
    ...AccountFields
  }
  installLink {
    id
    createdBy
    expiresAt
  }
  config {
    ...ConfigFields
  }
}
    fragment ConfigFields on MarketplaceConfig {
  __typename
  ... on MeuCarrinhoConfig {
    username
    password {
      ...SecretFields
    }
  }
  ... on NuvemshopConfig {
    storeUrl
    storeId
    accessToken {
      ...SecretFields
    }
  }
  ... on Plug4MarketConfig {
    accessToken {
      ...SecretFields
    }
    refreshToken {
      ...SecretFields
    }
  }
  ... on ShowKaseConfig {
    token {
      ...SecretFields
    }
  }
}
fragment SecretFields on SecretState {
  setAt
  setBy
  expiresAt
  fingerprint
}
fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}`, {"fragmentName":"MarketplaceFields"}) as unknown as TypedDocumentString<MarketplaceFieldsFragment, unknown>;
export const MarketplaceTestFieldsFragmentDoc = new TypedDocumentString(`
    fragment MarketplaceTestFields on MarketplaceTest {
  outcome
  message
  providerMessage
  technicalDetail
  identityWarning
  account {
    ...AccountFields
  }
}
    fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}`, {"fragmentName":"MarketplaceTestFields"}) as unknown as TypedDocumentString<MarketplaceTestFieldsFragment, unknown>;
export const IncidentFieldsFragmentDoc = new TypedDocumentString(`
    fragment IncidentFields on ProviderIncident {
  id
  provider
  openedAt
  closedAt
  affected
  connections
  evidence
}
    `, {"fragmentName":"IncidentFields"}) as unknown as TypedDocumentString<IncidentFieldsFragment, unknown>;
export const UnclaimedFieldsFragmentDoc = new TypedDocumentString(`
    fragment UnclaimedFields on UnclaimedInstallation {
  id
  provider
  createdAt
  account {
    ...AccountFields
  }
  suggestedClient {
    id
    name
    documentFormatted
  }
}
    fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}`, {"fragmentName":"UnclaimedFields"}) as unknown as TypedDocumentString<UnclaimedFieldsFragment, unknown>;
export const NoticeFieldsFragmentDoc = new TypedDocumentString(`
    fragment NoticeFields on ProviderNotice {
  id
  provider
  topic
  accountId
  createdAt
  provenAt
  marketplace {
    id
    description
    clientProduct {
      id
      client {
        id
        name
      }
    }
  }
}
    `, {"fragmentName":"NoticeFields"}) as unknown as TypedDocumentString<NoticeFieldsFragment, unknown>;
export const ProviderFieldsFragmentDoc = new TypedDocumentString(`
    fragment ProviderFields on ProviderStatus {
  provider
  configured
  message
  houseRefusedAt
  addresses {
    topic
    url
  }
  settings {
    name
    kind
    value
    default
    choices
    required
    source
    environmentVariable
    secret {
      ...SecretFields
    }
  }
}
    fragment SecretFields on SecretState {
  setAt
  setBy
  expiresAt
  fingerprint
}`, {"fragmentName":"ProviderFields"}) as unknown as TypedDocumentString<ProviderFieldsFragment, unknown>;
export const OperatorFieldsFragmentDoc = new TypedDocumentString(`
    fragment OperatorFields on Operator {
  id
  name
  email
  role
  status
  hasSecondFactor
  lastLoginAt
  version
}
    `, {"fragmentName":"OperatorFields"}) as unknown as TypedDocumentString<OperatorFieldsFragment, unknown>;
export const OperatorResultFragmentDoc = new TypedDocumentString(`
    fragment OperatorResult on OperatorPayload {
  operator {
    ...OperatorFields
  }
  userErrors {
    ...UserErrorFields
  }
}
    fragment OperatorFields on Operator {
  id
  name
  email
  role
  status
  hasSecondFactor
  lastLoginAt
  version
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`, {"fragmentName":"OperatorResult"}) as unknown as TypedDocumentString<OperatorResultFragment, unknown>;
export const OperatorLinkResultFragmentDoc = new TypedDocumentString(`
    fragment OperatorLinkResult on OperatorLinkPayload {
  operator {
    ...OperatorFields
  }
  link
  linkExpiresAt
  userErrors {
    ...UserErrorFields
  }
}
    fragment OperatorFields on Operator {
  id
  name
  email
  role
  status
  hasSecondFactor
  lastLoginAt
  version
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`, {"fragmentName":"OperatorLinkResult"}) as unknown as TypedDocumentString<OperatorLinkResultFragment, unknown>;
export const ProductFieldsFragmentDoc = new TypedDocumentString(`
    fragment ProductFields on Product {
  id
  code
  name
  description
  capabilities
  updatedAt
  version
}
    `, {"fragmentName":"ProductFields"}) as unknown as TypedDocumentString<ProductFieldsFragment, unknown>;
export const ServiceTokenFieldsFragmentDoc = new TypedDocumentString(`
    fragment ServiceTokenFields on ServiceToken {
  id
  name
  role
  scopes
  addresses
  visiblePart
  last4
  createdAt
  createdBy
  expiresAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
}
    `, {"fragmentName":"ServiceTokenFields"}) as unknown as TypedDocumentString<ServiceTokenFieldsFragment, unknown>;
export const SecondFactorFieldsFragmentDoc = new TypedDocumentString(`
    fragment SecondFactorFields on SecondFactorRequest {
  ticket
  methods
  passkeyOptions
  passkeysMadeAt
}
    `, {"fragmentName":"SecondFactorFields"}) as unknown as TypedDocumentString<SecondFactorFieldsFragment, unknown>;
export const SessionFieldsFragmentDoc = new TypedDocumentString(`
    fragment SessionFields on SessionPayload {
  accessToken
  expiresAt
  operator {
    id
    name
    email
    role
  }
  userErrors {
    ...UserErrorFields
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`, {"fragmentName":"SessionFields"}) as unknown as TypedDocumentString<SessionFieldsFragment, unknown>;
export const FindDocument = new TypedDocumentString(`
    query Find($text: String!) {
  find(text: $text) {
    clients {
      more
      nodes {
        ...FoundClient
      }
    }
    marketplaces {
      more
      nodes {
        ...FoundMarketplace
      }
    }
    accessKeys {
      more
      nodes {
        ...FoundAccessKey
      }
    }
    operators {
      more
      nodes {
        id
        name
        email
        status
      }
    }
    serviceTokens {
      more
      nodes {
        id
        name
        visiblePart
        last4
        expiresAt
        revokedAt
      }
    }
  }
}
    fragment FoundClient on Client {
  id
  name
  tradeName
  documentFormatted
  archivedAt
  products {
    id
    suspendedAt
    product {
      id
      capabilities
    }
    marketplaces {
      id
      health {
        state
        reason
      }
    }
  }
}
fragment FoundMarketplace on Marketplace {
  id
  provider
  description
  health {
    state
    reason
  }
  clientProduct {
    id
    client {
      id
      name
    }
  }
}
fragment FoundAccessKey on AccessKey {
  id
  name
  visiblePart
  last4
  status
  lastUsedAt
  expiresAt
  baitSince
  clientProduct {
    id
    client {
      id
      name
      archivedAt
    }
  }
}`) as unknown as TypedDocumentString<FindQuery, FindQueryVariables>;
export const RecentsDocument = new TypedDocumentString(`
    query Recents($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    ...FoundClient
    ...FoundMarketplace
    ...FoundAccessKey
  }
}
    fragment FoundClient on Client {
  id
  name
  tradeName
  documentFormatted
  archivedAt
  products {
    id
    suspendedAt
    product {
      id
      capabilities
    }
    marketplaces {
      id
      health {
        state
        reason
      }
    }
  }
}
fragment FoundMarketplace on Marketplace {
  id
  provider
  description
  health {
    state
    reason
  }
  clientProduct {
    id
    client {
      id
      name
    }
  }
}
fragment FoundAccessKey on AccessKey {
  id
  name
  visiblePart
  last4
  status
  lastUsedAt
  expiresAt
  baitSince
  clientProduct {
    id
    client {
      id
      name
      archivedAt
    }
  }
}`) as unknown as TypedDocumentString<RecentsQuery, RecentsQueryVariables>;
export const MadeKeysDocument = new TypedDocumentString(`
    query MadeKeys($by: ID!) {
  accessKeys(first: 100, filter: {createdById: $by, inForce: true}) {
    totalCount
    edges {
      node {
        id
        name
        visiblePart
        clientProduct {
          client {
            name
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MadeKeysQuery, MadeKeysQueryVariables>;
export const AccessKeysDocument = new TypedDocumentString(`
    query AccessKeys($first: Int, $after: String, $last: Int, $before: String, $search: String, $filter: AccessKeyFilter, $orderBy: AccessKeyOrder) {
  accessKeys(
    first: $first
    after: $after
    last: $last
    before: $before
    search: $search
    filter: $filter
    orderBy: $orderBy
  ) {
    totalCount
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
    edges {
      node {
        ...AccessKeyFields
        clientProduct {
          id
          client {
            id
            name
            documentFormatted
          }
          product {
            id
            name
          }
        }
      }
    }
  }
}
    fragment AccessKeyFields on AccessKey {
  id
  name
  visiblePart
  last4
  status
  createdAt
  createdBy
  expiresAt
  overlapEndsAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
  addresses
  refusedAt
  refusedAddress
  baitSince
  baitUsedAt
  version
  replacedBy {
    id
    name
  }
}`) as unknown as TypedDocumentString<AccessKeysQuery, AccessKeysQueryVariables>;
export const CreateAccessKeyDocument = new TypedDocumentString(`
    mutation CreateAccessKey($input: CreateAccessKeyInput!) {
  createAccessKey(input: $input) {
    accessKey {
      ...AccessKeyFields
    }
    token
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment AccessKeyFields on AccessKey {
  id
  name
  visiblePart
  last4
  status
  createdAt
  createdBy
  expiresAt
  overlapEndsAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
  addresses
  refusedAt
  refusedAddress
  baitSince
  baitUsedAt
  version
  replacedBy {
    id
    name
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<CreateAccessKeyMutation, CreateAccessKeyMutationVariables>;
export const RotateAccessKeyDocument = new TypedDocumentString(`
    mutation RotateAccessKey($input: RotateAccessKeyInput!) {
  rotateAccessKey(input: $input) {
    accessKey {
      ...AccessKeyFields
    }
    token
    replacedAccessKey {
      ...AccessKeyFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment AccessKeyFields on AccessKey {
  id
  name
  visiblePart
  last4
  status
  createdAt
  createdBy
  expiresAt
  overlapEndsAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
  addresses
  refusedAt
  refusedAddress
  baitSince
  baitUsedAt
  version
  replacedBy {
    id
    name
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<RotateAccessKeyMutation, RotateAccessKeyMutationVariables>;
export const UpdateAccessKeyDocument = new TypedDocumentString(`
    mutation UpdateAccessKey($input: UpdateAccessKeyInput!) {
  updateAccessKey(input: $input) {
    accessKey {
      ...AccessKeyFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment AccessKeyFields on AccessKey {
  id
  name
  visiblePart
  last4
  status
  createdAt
  createdBy
  expiresAt
  overlapEndsAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
  addresses
  refusedAt
  refusedAddress
  baitSince
  baitUsedAt
  version
  replacedBy {
    id
    name
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<UpdateAccessKeyMutation, UpdateAccessKeyMutationVariables>;
export const SetBaitDocument = new TypedDocumentString(`
    mutation SetBait($input: SetBaitInput!) {
  setBait(input: $input) {
    id
    baitSince
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<SetBaitMutation, SetBaitMutationVariables>;
export const RevokeAccessKeyDocument = new TypedDocumentString(`
    mutation RevokeAccessKey($input: RevokeAccessKeyInput!) {
  revokeAccessKey(input: $input) {
    accessKey {
      id
      status
      revokedAt
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<RevokeAccessKeyMutation, RevokeAccessKeyMutationVariables>;
export const LeakedKeyDocument = new TypedDocumentString(`
    query LeakedKey($id: ID!, $since: Time) {
  node(id: $id) {
    __typename
    ... on AccessKey {
      ...AccessKeyFields
      clientProduct {
        id
        client {
          id
          name
        }
        product {
          id
          name
        }
      }
      readMarketplaces(since: $since) {
        marketplaceId
        count
        addressCount
        lastAt
        renewed
        afterRevocation
        marketplace {
          id
          provider
          description
        }
      }
    }
  }
}
    fragment AccessKeyFields on AccessKey {
  id
  name
  visiblePart
  last4
  status
  createdAt
  createdBy
  expiresAt
  overlapEndsAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
  addresses
  refusedAt
  refusedAddress
  baitSince
  baitUsedAt
  version
  replacedBy {
    id
    name
  }
}`) as unknown as TypedDocumentString<LeakedKeyQuery, LeakedKeyQueryVariables>;
export const OwnAccountDocument = new TypedDocumentString(`
    query OwnAccount {
  account {
    ...OwnAccountFields
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}`) as unknown as TypedDocumentString<OwnAccountQuery, OwnAccountQueryVariables>;
export const AccountChangesDocument = new TypedDocumentString(`
    query AccountChanges {
  account {
    changes {
      ...AccountChangeFields
    }
  }
}
    fragment AccountChangeFields on AccountChange {
  id
  at
  by
  address
  action
  fields {
    field
    old
    new
  }
}`) as unknown as TypedDocumentString<AccountChangesQuery, AccountChangesQueryVariables>;
export const OwnSecondFactorDocument = new TypedDocumentString(`
    query OwnSecondFactor {
  viewer {
    id
    hasSecondFactor
  }
}
    `) as unknown as TypedDocumentString<OwnSecondFactorQuery, OwnSecondFactorQueryVariables>;
export const UpdateAccountDocument = new TypedDocumentString(`
    mutation UpdateAccount($input: UpdateAccountInput!) {
  updateAccount(input: $input) {
    ...AccountResult
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
fragment AccountResult on AccountPayload {
  account {
    ...OwnAccountFields
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<UpdateAccountMutation, UpdateAccountMutationVariables>;
export const ChangePasswordDocument = new TypedDocumentString(`
    mutation ChangePassword($input: ChangePasswordInput!) {
  changePassword(input: $input) {
    ...AccountResult
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
fragment AccountResult on AccountPayload {
  account {
    ...OwnAccountFields
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<ChangePasswordMutation, ChangePasswordMutationVariables>;
export const BeginTotpDocument = new TypedDocumentString(`
    mutation BeginTotp {
  beginTotp {
    ticket
    seed
    address
    picture
  }
}
    `) as unknown as TypedDocumentString<BeginTotpMutation, BeginTotpMutationVariables>;
export const ConfirmTotpDocument = new TypedDocumentString(`
    mutation ConfirmTotp($input: ConfirmTotpInput!) {
  confirmTotp(input: $input) {
    ...SecondFactorResult
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
fragment SecondFactorResult on SecondFactorPayload {
  account {
    ...OwnAccountFields
  }
  recoveryCodes
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<ConfirmTotpMutation, ConfirmTotpMutationVariables>;
export const RemoveTotpDocument = new TypedDocumentString(`
    mutation RemoveTotp {
  removeTotp {
    ...AccountResult
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
fragment AccountResult on AccountPayload {
  account {
    ...OwnAccountFields
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<RemoveTotpMutation, RemoveTotpMutationVariables>;
export const CreateRecoveryCodesDocument = new TypedDocumentString(`
    mutation CreateRecoveryCodes {
  createRecoveryCodes {
    ...SecondFactorResult
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
fragment SecondFactorResult on SecondFactorPayload {
  account {
    ...OwnAccountFields
  }
  recoveryCodes
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<CreateRecoveryCodesMutation, CreateRecoveryCodesMutationVariables>;
export const BeginPasskeyRegistrationDocument = new TypedDocumentString(`
    mutation BeginPasskeyRegistration {
  beginPasskeyRegistration {
    ticket
    options
  }
}
    `) as unknown as TypedDocumentString<BeginPasskeyRegistrationMutation, BeginPasskeyRegistrationMutationVariables>;
export const AddPasskeyDocument = new TypedDocumentString(`
    mutation AddPasskey($input: AddPasskeyInput!) {
  addPasskey(input: $input) {
    ...SecondFactorResult
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
fragment SecondFactorResult on SecondFactorPayload {
  account {
    ...OwnAccountFields
  }
  recoveryCodes
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<AddPasskeyMutation, AddPasskeyMutationVariables>;
export const RemovePasskeyDocument = new TypedDocumentString(`
    mutation RemovePasskey($input: RemovePasskeyInput!) {
  removePasskey(input: $input) {
    ...AccountResult
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
fragment AccountResult on AccountPayload {
  account {
    ...OwnAccountFields
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<RemovePasskeyMutation, RemovePasskeyMutationVariables>;
export const EndSessionDocument = new TypedDocumentString(`
    mutation EndSession($input: EndSessionInput!) {
  endSession(input: $input) {
    ...AccountResult
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
fragment AccountResult on AccountPayload {
  account {
    ...OwnAccountFields
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<EndSessionMutation, EndSessionMutationVariables>;
export const EndOtherSessionsDocument = new TypedDocumentString(`
    mutation EndOtherSessions {
  endOtherSessions {
    ...AccountResult
  }
}
    fragment PasskeyFields on Passkey {
  id
  name
  createdAt
  lastUsedAt
}
fragment OperatorSessionFields on OperatorSession {
  id
  browser
  address
  lastBrowser
  lastAddress
  movedAt
  createdAt
  lastUsedAt
  expiresAt
  current
}
fragment OwnAccountFields on Account {
  operator {
    id
    name
    email
    role
    hasSecondFactor
    version
  }
  totpSince
  recoveryCodesLeft
  passkeys {
    ...PasskeyFields
  }
  sessions {
    ...OperatorSessionFields
  }
  secondFactorRequired
  minPasswordLength
}
fragment AccountResult on AccountPayload {
  account {
    ...OwnAccountFields
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<EndOtherSessionsMutation, EndOtherSessionsMutationVariables>;
export const AuditEventsDocument = new TypedDocumentString(`
    query AuditEvents($first: Int, $after: String, $last: Int, $before: String, $filter: AuditEventFilter) {
  auditEvents(
    first: $first
    after: $after
    last: $last
    before: $before
    filter: $filter
  ) {
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
    edges {
      node {
        ...AuditEventFields
      }
    }
  }
}
    fragment AuditEventFields on AuditEvent {
  id
  at
  actor {
    kind
    id
    label
  }
  address
  requestId
  action
  object {
    id
    name
  }
  client {
    id
    name
    erasedAt
  }
  changes {
    field
    old
    new
  }
}`) as unknown as TypedDocumentString<AuditEventsQuery, AuditEventsQueryVariables>;
export const AuditNamesDocument = new TypedDocumentString(`
    query AuditNames($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
    ... on Client {
      clientName: name
    }
    ... on Operator {
      operatorName: name
    }
    ... on AccessKey {
      keyName: name
    }
  }
}
    `) as unknown as TypedDocumentString<AuditNamesQuery, AuditNamesQueryVariables>;
export const AuditClientsDocument = new TypedDocumentString(`
    query AuditClients($search: String!) {
  clients(search: $search, first: 8) {
    edges {
      node {
        id
        name
        documentFormatted
      }
    }
  }
}
    `) as unknown as TypedDocumentString<AuditClientsQuery, AuditClientsQueryVariables>;
export const ClientsDocument = new TypedDocumentString(`
    query Clients($first: Int, $after: String, $last: Int, $before: String, $search: String, $filter: ClientFilter, $orderBy: ClientOrder) {
  clients(
    first: $first
    after: $after
    last: $last
    before: $before
    search: $search
    filter: $filter
    orderBy: $orderBy
  ) {
    totalCount
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
    edges {
      node {
        id
        name
        tradeName
        documentFormatted
        createdAt
        archivedAt
        baitSince
        products {
          id
          suspendedAt
          nextStep
          product {
            id
            name
          }
          marketplaces {
            id
            provider
            health {
              state
              reason
            }
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ClientsQuery, ClientsQueryVariables>;
export const FindClientsDocument = new TypedDocumentString(`
    query FindClients($search: String!) {
  clients(search: $search, first: 8) {
    edges {
      node {
        id
        name
        tradeName
        documentFormatted
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FindClientsQuery, FindClientsQueryVariables>;
export const ClientOfDocumentDocument = new TypedDocumentString(`
    query ClientOfDocument($document: String!) {
  active: clients(search: $document, first: 2) {
    edges {
      node {
        id
        name
        document
      }
    }
  }
  archived: clients(search: $document, first: 2, filter: {archived: true}) {
    edges {
      node {
        id
        name
        document
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ClientOfDocumentQuery, ClientOfDocumentQueryVariables>;
export const TagsInUseDocument = new TypedDocumentString(`
    query TagsInUse {
  tagsInUse(first: 100) {
    tag
    clients
  }
}
    `) as unknown as TypedDocumentString<TagsInUseQuery, TagsInUseQueryVariables>;
export const ClientDocument = new TypedDocumentString(`
    query Client($id: ID!) {
  client(id: $id) {
    ...ClientFields
    products {
      id
      suspendedAt
      nextStep
      backOfficeLastCallAt
      product {
        id
        name
        capabilities
      }
      marketplaces {
        id
        provider
        description
        health {
          state
          reason
        }
      }
      accessKeys {
        ...AccessKeyFields
      }
    }
  }
}
    fragment AccessKeyFields on AccessKey {
  id
  name
  visiblePart
  last4
  status
  createdAt
  createdBy
  expiresAt
  overlapEndsAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
  addresses
  refusedAt
  refusedAddress
  baitSince
  baitUsedAt
  version
  replacedBy {
    id
    name
  }
}
fragment ClientFields on Client {
  id
  name
  tradeName
  document
  documentFormatted
  documentKind
  createdAt
  updatedAt
  archivedAt
  erasedAt
  baitSince
  version
  tags
}`) as unknown as TypedDocumentString<ClientQuery, ClientQueryVariables>;
export const CreateClientDocument = new TypedDocumentString(`
    mutation CreateClient($input: CreateClientInput!) {
  createClient(input: $input) {
    client {
      ...ClientFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ClientFields on Client {
  id
  name
  tradeName
  document
  documentFormatted
  documentKind
  createdAt
  updatedAt
  archivedAt
  erasedAt
  baitSince
  version
  tags
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<CreateClientMutation, CreateClientMutationVariables>;
export const UpdateClientDocument = new TypedDocumentString(`
    mutation UpdateClient($input: UpdateClientInput!) {
  updateClient(input: $input) {
    client {
      ...ClientFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ClientFields on Client {
  id
  name
  tradeName
  document
  documentFormatted
  documentKind
  createdAt
  updatedAt
  archivedAt
  erasedAt
  baitSince
  version
  tags
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<UpdateClientMutation, UpdateClientMutationVariables>;
export const ArchiveClientDocument = new TypedDocumentString(`
    mutation ArchiveClient($input: ArchiveClientInput!) {
  archiveClient(input: $input) {
    client {
      id
      archivedAt
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<ArchiveClientMutation, ArchiveClientMutationVariables>;
export const RestoreClientDocument = new TypedDocumentString(`
    mutation RestoreClient($input: RestoreClientInput!) {
  restoreClient(input: $input) {
    client {
      id
      archivedAt
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<RestoreClientMutation, RestoreClientMutationVariables>;
export const ExportClientDocument = new TypedDocumentString(`
    mutation ExportClient($input: ExportClientInput!) {
  exportClient(input: $input) {
    content
    fileName
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<ExportClientMutation, ExportClientMutationVariables>;
export const EraseClientDocument = new TypedDocumentString(`
    mutation EraseClient($input: EraseClientInput!) {
  eraseClient(input: $input) {
    client {
      ...ClientFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ClientFields on Client {
  id
  name
  tradeName
  document
  documentFormatted
  documentKind
  createdAt
  updatedAt
  archivedAt
  erasedAt
  baitSince
  version
  tags
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<EraseClientMutation, EraseClientMutationVariables>;
export const DueDocument = new TypedDocumentString(`
    query Due($withinDays: Int!) {
  due(withinDays: $withinDays) {
    ...DueFields
  }
}
    fragment DueFields on DueItem {
  kind
  at
  withinDays
  provider
  message
  client {
    id
    name
  }
  marketplace {
    id
    description
    clientProduct {
      id
    }
  }
  accessKey {
    id
    name
    clientProduct {
      id
    }
  }
  operator {
    id
    name
  }
}`) as unknown as TypedDocumentString<DueQuery, DueQueryVariables>;
export const ProductHistoryDocument = new TypedDocumentString(`
    query ProductHistory($id: ID!, $zone: String!) {
  node(id: $id) {
    ... on ClientProduct {
      marketplaces {
        id
        history(zone: $zone) {
          ...HistoryFields
        }
      }
    }
  }
}
    fragment FactsFields on MarketplaceHealthFacts {
  availability
  downMinutes
  incidentMinutes
  broke
  brokeInIncident
  meanMinutesToMend
  longestMinutes
}
fragment HistoryFields on MarketplaceHistory {
  from
  to
  facts {
    ...FactsFields
  }
  days {
    begins
    worst
    downMinutes
    incidentMinutes
  }
}`) as unknown as TypedDocumentString<ProductHistoryQuery, ProductHistoryQueryVariables>;
export const ClientHistoryDocument = new TypedDocumentString(`
    query ClientHistory($id: ID!, $zone: String!) {
  client(id: $id) {
    id
    history(zone: $zone) {
      ...HistoryFields
    }
  }
}
    fragment FactsFields on MarketplaceHealthFacts {
  availability
  downMinutes
  incidentMinutes
  broke
  brokeInIncident
  meanMinutesToMend
  longestMinutes
}
fragment HistoryFields on MarketplaceHistory {
  from
  to
  facts {
    ...FactsFields
  }
  days {
    begins
    worst
    downMinutes
    incidentMinutes
  }
}`) as unknown as TypedDocumentString<ClientHistoryQuery, ClientHistoryQueryVariables>;
export const ClientMonthDocument = new TypedDocumentString(`
    query ClientMonth($id: ID!, $from: Time!, $to: Time!, $zone: String!) {
  client(id: $id) {
    id
    name
    documentFormatted
    documentKind
    createdAt
    erasedAt
    history(from: $from, to: $to, zone: $zone) {
      ...HistoryFields
    }
    products {
      id
      product {
        name
      }
      marketplaces {
        id
        provider
        description
        createdAt
        history(from: $from, to: $to, zone: $zone) {
          ...HistoryFields
        }
      }
    }
  }
}
    fragment FactsFields on MarketplaceHealthFacts {
  availability
  downMinutes
  incidentMinutes
  broke
  brokeInIncident
  meanMinutesToMend
  longestMinutes
}
fragment HistoryFields on MarketplaceHistory {
  from
  to
  facts {
    ...FactsFields
  }
  days {
    begins
    worst
    downMinutes
    incidentMinutes
  }
}`) as unknown as TypedDocumentString<ClientMonthQuery, ClientMonthQueryVariables>;
export const AddMarketplaceDocument = new TypedDocumentString(`
    mutation AddMarketplace($input: AddMarketplaceInput!) {
  addMarketplace(input: $input) {
    marketplace {
      ...MarketplaceFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ConfigFields on MarketplaceConfig {
  __typename
  ... on MeuCarrinhoConfig {
    username
    password {
      ...SecretFields
    }
  }
  ... on NuvemshopConfig {
    storeUrl
    storeId
    accessToken {
      ...SecretFields
    }
  }
  ... on Plug4MarketConfig {
    accessToken {
      ...SecretFields
    }
    refreshToken {
      ...SecretFields
    }
  }
  ... on ShowKaseConfig {
    token {
      ...SecretFields
    }
  }
}
fragment SecretFields on SecretState {
  setAt
  setBy
  expiresAt
  fingerprint
}
fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}
fragment MarketplaceFields on Marketplace {
  id
  provider
  description
  createdAt
  updatedAt
  version
  renewedAt
  unreadAnswerUntil
  providerMessage
  technicalDetail
  health {
    state
    reason
    message
    since
    lastCheckedAt
    nextCheckAt
  }
  account {
    ...AccountFields
  }
  installLink {
    id
    createdBy
    expiresAt
  }
  config {
    ...ConfigFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<AddMarketplaceMutation, AddMarketplaceMutationVariables>;
export const ConnectMarketplaceDocument = new TypedDocumentString(`
    mutation ConnectMarketplace($input: ConnectMarketplaceInput!) {
  connectMarketplace(input: $input) {
    marketplace {
      ...MarketplaceFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ConfigFields on MarketplaceConfig {
  __typename
  ... on MeuCarrinhoConfig {
    username
    password {
      ...SecretFields
    }
  }
  ... on NuvemshopConfig {
    storeUrl
    storeId
    accessToken {
      ...SecretFields
    }
  }
  ... on Plug4MarketConfig {
    accessToken {
      ...SecretFields
    }
    refreshToken {
      ...SecretFields
    }
  }
  ... on ShowKaseConfig {
    token {
      ...SecretFields
    }
  }
}
fragment SecretFields on SecretState {
  setAt
  setBy
  expiresAt
  fingerprint
}
fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}
fragment MarketplaceFields on Marketplace {
  id
  provider
  description
  createdAt
  updatedAt
  version
  renewedAt
  unreadAnswerUntil
  providerMessage
  technicalDetail
  health {
    state
    reason
    message
    since
    lastCheckedAt
    nextCheckAt
  }
  account {
    ...AccountFields
  }
  installLink {
    id
    createdBy
    expiresAt
  }
  config {
    ...ConfigFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<ConnectMarketplaceMutation, ConnectMarketplaceMutationVariables>;
export const UpdateMarketplaceDocument = new TypedDocumentString(`
    mutation UpdateMarketplace($input: UpdateMarketplaceInput!) {
  updateMarketplace(input: $input) {
    marketplace {
      ...MarketplaceFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ConfigFields on MarketplaceConfig {
  __typename
  ... on MeuCarrinhoConfig {
    username
    password {
      ...SecretFields
    }
  }
  ... on NuvemshopConfig {
    storeUrl
    storeId
    accessToken {
      ...SecretFields
    }
  }
  ... on Plug4MarketConfig {
    accessToken {
      ...SecretFields
    }
    refreshToken {
      ...SecretFields
    }
  }
  ... on ShowKaseConfig {
    token {
      ...SecretFields
    }
  }
}
fragment SecretFields on SecretState {
  setAt
  setBy
  expiresAt
  fingerprint
}
fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}
fragment MarketplaceFields on Marketplace {
  id
  provider
  description
  createdAt
  updatedAt
  version
  renewedAt
  unreadAnswerUntil
  providerMessage
  technicalDetail
  health {
    state
    reason
    message
    since
    lastCheckedAt
    nextCheckAt
  }
  account {
    ...AccountFields
  }
  installLink {
    id
    createdBy
    expiresAt
  }
  config {
    ...ConfigFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<UpdateMarketplaceMutation, UpdateMarketplaceMutationVariables>;
export const ConfirmShopDocument = new TypedDocumentString(`
    mutation ConfirmShop($input: ConfirmMarketplaceShopInput!) {
  confirmMarketplaceShop(input: $input) {
    marketplace {
      ...MarketplaceFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ConfigFields on MarketplaceConfig {
  __typename
  ... on MeuCarrinhoConfig {
    username
    password {
      ...SecretFields
    }
  }
  ... on NuvemshopConfig {
    storeUrl
    storeId
    accessToken {
      ...SecretFields
    }
  }
  ... on Plug4MarketConfig {
    accessToken {
      ...SecretFields
    }
    refreshToken {
      ...SecretFields
    }
  }
  ... on ShowKaseConfig {
    token {
      ...SecretFields
    }
  }
}
fragment SecretFields on SecretState {
  setAt
  setBy
  expiresAt
  fingerprint
}
fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}
fragment MarketplaceFields on Marketplace {
  id
  provider
  description
  createdAt
  updatedAt
  version
  renewedAt
  unreadAnswerUntil
  providerMessage
  technicalDetail
  health {
    state
    reason
    message
    since
    lastCheckedAt
    nextCheckAt
  }
  account {
    ...AccountFields
  }
  installLink {
    id
    createdBy
    expiresAt
  }
  config {
    ...ConfigFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<ConfirmShopMutation, ConfirmShopMutationVariables>;
export const RemoveMarketplaceDocument = new TypedDocumentString(`
    mutation RemoveMarketplace($input: RemoveMarketplaceInput!) {
  removeMarketplace(input: $input) {
    clientProduct {
      id
      nextStep
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<RemoveMarketplaceMutation, RemoveMarketplaceMutationVariables>;
export const TestMarketplaceConfigDocument = new TypedDocumentString(`
    mutation TestMarketplaceConfig($input: TestMarketplaceConfigInput!) {
  testMarketplaceConfig(input: $input) {
    result {
      ...MarketplaceTestFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}
fragment MarketplaceTestFields on MarketplaceTest {
  outcome
  message
  providerMessage
  technicalDetail
  identityWarning
  account {
    ...AccountFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<TestMarketplaceConfigMutation, TestMarketplaceConfigMutationVariables>;
export const TestMarketplaceDocument = new TypedDocumentString(`
    mutation TestMarketplace($input: TestMarketplaceInput!) {
  testMarketplace(input: $input) {
    result {
      ...MarketplaceTestFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}
fragment MarketplaceTestFields on MarketplaceTest {
  outcome
  message
  providerMessage
  technicalDetail
  identityWarning
  account {
    ...AccountFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<TestMarketplaceMutation, TestMarketplaceMutationVariables>;
export const ProviderStatusesDocument = new TypedDocumentString(`
    query ProviderStatuses {
  providers {
    provider
    configured
    message
    installable
    testable
    mintable
    panelUrl
  }
}
    `) as unknown as TypedDocumentString<ProviderStatusesQuery, ProviderStatusesQueryVariables>;
export const OpenIncidentsDocument = new TypedDocumentString(`
    query OpenIncidents {
  providerIncidents(first: 20, open: true) {
    edges {
      node {
        ...IncidentFields
      }
    }
  }
}
    fragment IncidentFields on ProviderIncident {
  id
  provider
  openedAt
  closedAt
  affected
  connections
  evidence
}`) as unknown as TypedDocumentString<OpenIncidentsQuery, OpenIncidentsQueryVariables>;
export const IncidentHistoryDocument = new TypedDocumentString(`
    query IncidentHistory($first: Int!) {
  providerIncidents(first: $first) {
    totalCount
    edges {
      node {
        ...IncidentFields
      }
    }
  }
}
    fragment IncidentFields on ProviderIncident {
  id
  provider
  openedAt
  closedAt
  affected
  connections
  evidence
}`) as unknown as TypedDocumentString<IncidentHistoryQuery, IncidentHistoryQueryVariables>;
export const StartInstallDocument = new TypedDocumentString(`
    mutation StartInstall($input: StartInstallInput!) {
  startInstall(input: $input) {
    authorizeUrl
    expiresAt
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<StartInstallMutation, StartInstallMutationVariables>;
export const CreateInstallLinkDocument = new TypedDocumentString(`
    mutation CreateInstallLink($input: CreateInstallLinkInput!) {
  createInstallLink(input: $input) {
    url
    marketplace {
      id
      installLink {
        id
        createdBy
        expiresAt
      }
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<CreateInstallLinkMutation, CreateInstallLinkMutationVariables>;
export const RevokeInstallLinkDocument = new TypedDocumentString(`
    mutation RevokeInstallLink($input: RevokeInstallLinkInput!) {
  revokeInstallLink(input: $input) {
    marketplace {
      id
      installLink {
        id
      }
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<RevokeInstallLinkMutation, RevokeInstallLinkMutationVariables>;
export const InstallOwnerDocument = new TypedDocumentString(`
    query InstallOwner($id: ID!) {
  client(id: $id) {
    name
  }
}
    `) as unknown as TypedDocumentString<InstallOwnerQuery, InstallOwnerQueryVariables>;
export const UnclaimedInstallationsDocument = new TypedDocumentString(`
    query UnclaimedInstallations {
  unclaimedInstallations {
    ...UnclaimedFields
  }
}
    fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}
fragment UnclaimedFields on UnclaimedInstallation {
  id
  provider
  createdAt
  account {
    ...AccountFields
  }
  suggestedClient {
    id
    name
    documentFormatted
  }
}`) as unknown as TypedDocumentString<UnclaimedInstallationsQuery, UnclaimedInstallationsQueryVariables>;
export const ChooseClientDocument = new TypedDocumentString(`
    query ChooseClient($search: String) {
  clients(search: $search, first: 8) {
    edges {
      node {
        id
        name
        documentFormatted
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ChooseClientQuery, ChooseClientQueryVariables>;
export const InstallationTargetsDocument = new TypedDocumentString(`
    query InstallationTargets($clientId: ID!) {
  client(id: $clientId) {
    id
    products {
      id
      suspendedAt
      product {
        id
        name
        capabilities
      }
      marketplaces {
        id
        provider
        description
        health {
          reason
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<InstallationTargetsQuery, InstallationTargetsQueryVariables>;
export const AttachInstallationDocument = new TypedDocumentString(`
    mutation AttachInstallation($input: AttachInstallationInput!) {
  attachInstallation(input: $input) {
    marketplace {
      id
      clientProduct {
        id
        client {
          id
        }
      }
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<AttachInstallationMutation, AttachInstallationMutationVariables>;
export const DiscardInstallationDocument = new TypedDocumentString(`
    mutation DiscardInstallation($input: DiscardInstallationInput!) {
  discardInstallation(input: $input) {
    id
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<DiscardInstallationMutation, DiscardInstallationMutationVariables>;
export const ProviderNoticesDocument = new TypedDocumentString(`
    query ProviderNotices {
  providerNotices {
    ...NoticeFields
  }
}
    fragment NoticeFields on ProviderNotice {
  id
  provider
  topic
  accountId
  createdAt
  provenAt
  marketplace {
    id
    description
    clientProduct {
      id
      client {
        id
        name
      }
    }
  }
}`) as unknown as TypedDocumentString<ProviderNoticesQuery, ProviderNoticesQueryVariables>;
export const CloseProviderNoticeDocument = new TypedDocumentString(`
    mutation CloseProviderNotice($input: CloseProviderNoticeInput!) {
  closeProviderNotice(input: $input) {
    id
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<CloseProviderNoticeMutation, CloseProviderNoticeMutationVariables>;
export const ProviderSettingsDocument = new TypedDocumentString(`
    query ProviderSettings {
  providers {
    ...ProviderFields
  }
}
    fragment SecretFields on SecretState {
  setAt
  setBy
  expiresAt
  fingerprint
}
fragment ProviderFields on ProviderStatus {
  provider
  configured
  message
  houseRefusedAt
  addresses {
    topic
    url
  }
  settings {
    name
    kind
    value
    default
    choices
    required
    source
    environmentVariable
    secret {
      ...SecretFields
    }
  }
}`) as unknown as TypedDocumentString<ProviderSettingsQuery, ProviderSettingsQueryVariables>;
export const UpdateProviderSettingsDocument = new TypedDocumentString(`
    mutation UpdateProviderSettings($input: UpdateProviderSettingsInput!) {
  updateProviderSettings(input: $input) {
    provider {
      ...ProviderFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment SecretFields on SecretState {
  setAt
  setBy
  expiresAt
  fingerprint
}
fragment ProviderFields on ProviderStatus {
  provider
  configured
  message
  houseRefusedAt
  addresses {
    topic
    url
  }
  settings {
    name
    kind
    value
    default
    choices
    required
    source
    environmentVariable
    secret {
      ...SecretFields
    }
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<UpdateProviderSettingsMutation, UpdateProviderSettingsMutationVariables>;
export const OperatorsDocument = new TypedDocumentString(`
    query Operators($first: Int, $after: String, $last: Int, $before: String) {
  operators(first: $first, after: $after, last: $last, before: $before) {
    totalCount
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
    edges {
      node {
        ...OperatorFields
      }
    }
  }
}
    fragment OperatorFields on Operator {
  id
  name
  email
  role
  status
  hasSecondFactor
  lastLoginAt
  version
}`) as unknown as TypedDocumentString<OperatorsQuery, OperatorsQueryVariables>;
export const InviteOperatorDocument = new TypedDocumentString(`
    mutation InviteOperator($input: InviteOperatorInput!) {
  inviteOperator(input: $input) {
    ...OperatorLinkResult
  }
}
    fragment OperatorFields on Operator {
  id
  name
  email
  role
  status
  hasSecondFactor
  lastLoginAt
  version
}
fragment OperatorLinkResult on OperatorLinkPayload {
  operator {
    ...OperatorFields
  }
  link
  linkExpiresAt
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<InviteOperatorMutation, InviteOperatorMutationVariables>;
export const CreatePasswordLinkDocument = new TypedDocumentString(`
    mutation CreatePasswordLink($input: OperatorInput!) {
  createPasswordLink(input: $input) {
    ...OperatorLinkResult
  }
}
    fragment OperatorFields on Operator {
  id
  name
  email
  role
  status
  hasSecondFactor
  lastLoginAt
  version
}
fragment OperatorLinkResult on OperatorLinkPayload {
  operator {
    ...OperatorFields
  }
  link
  linkExpiresAt
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<CreatePasswordLinkMutation, CreatePasswordLinkMutationVariables>;
export const UpdateOperatorDocument = new TypedDocumentString(`
    mutation UpdateOperator($input: UpdateOperatorInput!) {
  updateOperator(input: $input) {
    ...OperatorResult
  }
}
    fragment OperatorFields on Operator {
  id
  name
  email
  role
  status
  hasSecondFactor
  lastLoginAt
  version
}
fragment OperatorResult on OperatorPayload {
  operator {
    ...OperatorFields
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<UpdateOperatorMutation, UpdateOperatorMutationVariables>;
export const DisableOperatorDocument = new TypedDocumentString(`
    mutation DisableOperator($input: DisableOperatorInput!) {
  disableOperator(input: $input) {
    ...OperatorResult
  }
}
    fragment OperatorFields on Operator {
  id
  name
  email
  role
  status
  hasSecondFactor
  lastLoginAt
  version
}
fragment OperatorResult on OperatorPayload {
  operator {
    ...OperatorFields
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<DisableOperatorMutation, DisableOperatorMutationVariables>;
export const EnableOperatorDocument = new TypedDocumentString(`
    mutation EnableOperator($input: OperatorInput!) {
  enableOperator(input: $input) {
    ...OperatorResult
  }
}
    fragment OperatorFields on Operator {
  id
  name
  email
  role
  status
  hasSecondFactor
  lastLoginAt
  version
}
fragment OperatorResult on OperatorPayload {
  operator {
    ...OperatorFields
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<EnableOperatorMutation, EnableOperatorMutationVariables>;
export const EndOperatorSessionsDocument = new TypedDocumentString(`
    mutation EndOperatorSessions($input: OperatorInput!) {
  endOperatorSessions(input: $input) {
    ...OperatorResult
  }
}
    fragment OperatorFields on Operator {
  id
  name
  email
  role
  status
  hasSecondFactor
  lastLoginAt
  version
}
fragment OperatorResult on OperatorPayload {
  operator {
    ...OperatorFields
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<EndOperatorSessionsMutation, EndOperatorSessionsMutationVariables>;
export const RemoveSecondFactorDocument = new TypedDocumentString(`
    mutation RemoveSecondFactor($input: OperatorInput!) {
  removeSecondFactor(input: $input) {
    ...OperatorResult
  }
}
    fragment OperatorFields on Operator {
  id
  name
  email
  role
  status
  hasSecondFactor
  lastLoginAt
  version
}
fragment OperatorResult on OperatorPayload {
  operator {
    ...OperatorFields
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<RemoveSecondFactorMutation, RemoveSecondFactorMutationVariables>;
export const ProductsDocument = new TypedDocumentString(`
    query Products($first: Int, $after: String, $last: Int, $before: String) {
  products(first: $first, after: $after, last: $last, before: $before) {
    totalCount
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
    edges {
      node {
        ...ProductFields
      }
    }
  }
}
    fragment ProductFields on Product {
  id
  code
  name
  description
  capabilities
  updatedAt
  version
}`) as unknown as TypedDocumentString<ProductsQuery, ProductsQueryVariables>;
export const CreateProductDocument = new TypedDocumentString(`
    mutation CreateProduct($input: CreateProductInput!) {
  createProduct(input: $input) {
    product {
      ...ProductFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ProductFields on Product {
  id
  code
  name
  description
  capabilities
  updatedAt
  version
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<CreateProductMutation, CreateProductMutationVariables>;
export const UpdateProductDocument = new TypedDocumentString(`
    mutation UpdateProduct($input: UpdateProductInput!) {
  updateProduct(input: $input) {
    product {
      ...ProductFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ProductFields on Product {
  id
  code
  name
  description
  capabilities
  updatedAt
  version
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<UpdateProductMutation, UpdateProductMutationVariables>;
export const ClientProductDocument = new TypedDocumentString(`
    query ClientProduct($id: ID!) {
  node(id: $id) {
    __typename
    ... on ClientProduct {
      id
      createdAt
      suspendedAt
      version
      nextStep
      backOfficeLastCallAt
      client {
        id
        name
        documentFormatted
        documentKind
        archivedAt
      }
      product {
        id
        name
        description
        capabilities
      }
      marketplaces {
        ...MarketplaceFields
      }
      accessKeys {
        ...AccessKeyFields
      }
    }
  }
}
    fragment ConfigFields on MarketplaceConfig {
  __typename
  ... on MeuCarrinhoConfig {
    username
    password {
      ...SecretFields
    }
  }
  ... on NuvemshopConfig {
    storeUrl
    storeId
    accessToken {
      ...SecretFields
    }
  }
  ... on Plug4MarketConfig {
    accessToken {
      ...SecretFields
    }
    refreshToken {
      ...SecretFields
    }
  }
  ... on ShowKaseConfig {
    token {
      ...SecretFields
    }
  }
}
fragment AccessKeyFields on AccessKey {
  id
  name
  visiblePart
  last4
  status
  createdAt
  createdBy
  expiresAt
  overlapEndsAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
  addresses
  refusedAt
  refusedAddress
  baitSince
  baitUsedAt
  version
  replacedBy {
    id
    name
  }
}
fragment SecretFields on SecretState {
  setAt
  setBy
  expiresAt
  fingerprint
}
fragment AccountFields on MarketplaceAccount {
  id
  name
  document
  matchesClient
  isBranch
}
fragment MarketplaceFields on Marketplace {
  id
  provider
  description
  createdAt
  updatedAt
  version
  renewedAt
  unreadAnswerUntil
  providerMessage
  technicalDetail
  health {
    state
    reason
    message
    since
    lastCheckedAt
    nextCheckAt
  }
  account {
    ...AccountFields
  }
  installLink {
    id
    createdBy
    expiresAt
  }
  config {
    ...ConfigFields
  }
}`) as unknown as TypedDocumentString<ClientProductQuery, ClientProductQueryVariables>;
export const AddClientProductDocument = new TypedDocumentString(`
    mutation AddClientProduct($input: AddClientProductInput!) {
  addClientProduct(input: $input) {
    clientProduct {
      id
      client {
        id
      }
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<AddClientProductMutation, AddClientProductMutationVariables>;
export const SuspendClientProductDocument = new TypedDocumentString(`
    mutation SuspendClientProduct($input: SuspendClientProductInput!) {
  suspendClientProduct(input: $input) {
    clientProduct {
      id
      suspendedAt
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<SuspendClientProductMutation, SuspendClientProductMutationVariables>;
export const ResumeClientProductDocument = new TypedDocumentString(`
    mutation ResumeClientProduct($input: ResumeClientProductInput!) {
  resumeClientProduct(input: $input) {
    clientProduct {
      id
      suspendedAt
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<ResumeClientProductMutation, ResumeClientProductMutationVariables>;
export const ServiceTokensDocument = new TypedDocumentString(`
    query ServiceTokens($first: Int, $after: String, $last: Int, $before: String) {
  serviceTokens(first: $first, after: $after, last: $last, before: $before) {
    totalCount
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
    edges {
      node {
        ...ServiceTokenFields
      }
    }
  }
}
    fragment ServiceTokenFields on ServiceToken {
  id
  name
  role
  scopes
  addresses
  visiblePart
  last4
  createdAt
  createdBy
  expiresAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
}`) as unknown as TypedDocumentString<ServiceTokensQuery, ServiceTokensQueryVariables>;
export const CreateServiceTokenDocument = new TypedDocumentString(`
    mutation CreateServiceToken($input: CreateServiceTokenInput!) {
  createServiceToken(input: $input) {
    serviceToken {
      ...ServiceTokenFields
    }
    token
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ServiceTokenFields on ServiceToken {
  id
  name
  role
  scopes
  addresses
  visiblePart
  last4
  createdAt
  createdBy
  expiresAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<CreateServiceTokenMutation, CreateServiceTokenMutationVariables>;
export const RevokeServiceTokenDocument = new TypedDocumentString(`
    mutation RevokeServiceToken($input: RevokeServiceTokenInput!) {
  revokeServiceToken(input: $input) {
    serviceToken {
      ...ServiceTokenFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ServiceTokenFields on ServiceToken {
  id
  name
  role
  scopes
  addresses
  visiblePart
  last4
  createdAt
  createdBy
  expiresAt
  revokedAt
  lastUsedAt
  lastUsedAddress
  exposedAt
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<RevokeServiceTokenMutation, RevokeServiceTokenMutationVariables>;
export const SetupRequiredDocument = new TypedDocumentString(`
    query SetupRequired {
  setupRequired
}
    `) as unknown as TypedDocumentString<SetupRequiredQuery, SetupRequiredQueryVariables>;
export const LoginDocument = new TypedDocumentString(`
    mutation Login($input: LoginInput!) {
  login(input: $input) {
    ...SessionFields
    secondFactor {
      ...SecondFactorFields
    }
  }
}
    fragment SecondFactorFields on SecondFactorRequest {
  ticket
  methods
  passkeyOptions
  passkeysMadeAt
}
fragment SessionFields on SessionPayload {
  accessToken
  expiresAt
  operator {
    id
    name
    email
    role
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<LoginMutation, LoginMutationVariables>;
export const CompleteLoginDocument = new TypedDocumentString(`
    mutation CompleteLogin($input: CompleteLoginInput!) {
  completeLogin(input: $input) {
    ...SessionFields
  }
}
    fragment SessionFields on SessionPayload {
  accessToken
  expiresAt
  operator {
    id
    name
    email
    role
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<CompleteLoginMutation, CompleteLoginMutationVariables>;
export const BeginPasskeyLoginDocument = new TypedDocumentString(`
    mutation BeginPasskeyLogin {
  beginPasskeyLogin {
    ticket
    options
  }
}
    `) as unknown as TypedDocumentString<BeginPasskeyLoginMutation, BeginPasskeyLoginMutationVariables>;
export const PasswordLinkDocument = new TypedDocumentString(`
    query PasswordLink($link: String!) {
  passwordLink(link: $link) {
    purpose
    name
    email
    minLength
  }
}
    `) as unknown as TypedDocumentString<PasswordLinkQuery, PasswordLinkQueryVariables>;
export const SetPasswordDocument = new TypedDocumentString(`
    mutation SetPassword($input: SetPasswordInput!) {
  setPassword(input: $input) {
    ...SessionFields
    secondFactor {
      ...SecondFactorFields
    }
  }
}
    fragment SecondFactorFields on SecondFactorRequest {
  ticket
  methods
  passkeyOptions
  passkeysMadeAt
}
fragment SessionFields on SessionPayload {
  accessToken
  expiresAt
  operator {
    id
    name
    email
    role
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<SetPasswordMutation, SetPasswordMutationVariables>;
export const CreateFirstAdministratorDocument = new TypedDocumentString(`
    mutation CreateFirstAdministrator($input: CreateFirstAdministratorInput!) {
  createFirstAdministrator(input: $input) {
    ...SessionFields
  }
}
    fragment SessionFields on SessionPayload {
  accessToken
  expiresAt
  operator {
    id
    name
    email
    role
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<CreateFirstAdministratorMutation, CreateFirstAdministratorMutationVariables>;
export const ProofMethodsDocument = new TypedDocumentString(`
    query ProofMethods {
  account {
    totpSince
    passkeys {
      id
    }
    operator {
      id
      hasSecondFactor
    }
  }
}
    `) as unknown as TypedDocumentString<ProofMethodsQuery, ProofMethodsQueryVariables>;
export const ReauthenticateDocument = new TypedDocumentString(`
    mutation Reauthenticate($input: ReauthenticateInput!) {
  reauthenticate(input: $input) {
    ...SessionFields
  }
}
    fragment SessionFields on SessionPayload {
  accessToken
  expiresAt
  operator {
    id
    name
    email
    role
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<ReauthenticateMutation, ReauthenticateMutationVariables>;
export const BeginPasskeyReauthenticationDocument = new TypedDocumentString(`
    mutation BeginPasskeyReauthentication {
  beginPasskeyReauthentication {
    ticket
    options
  }
}
    `) as unknown as TypedDocumentString<BeginPasskeyReauthenticationMutation, BeginPasskeyReauthenticationMutationVariables>;
export const ChangesDocument = new TypedDocumentString(`
    subscription Changes {
  changes {
    topic
    clientId
    clientProductId
    objectId
  }
}
    `) as unknown as TypedDocumentString<ChangesSubscription, ChangesSubscriptionVariables>;
export const RefreshSessionDocument = new TypedDocumentString(`
    mutation RefreshSession {
  refreshSession {
    ...SessionFields
  }
}
    fragment SessionFields on SessionPayload {
  accessToken
  expiresAt
  operator {
    id
    name
    email
    role
  }
  userErrors {
    ...UserErrorFields
  }
}
fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<RefreshSessionMutation, RefreshSessionMutationVariables>;
export const LogoutDocument = new TypedDocumentString(`
    mutation Logout {
  logout {
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment UserErrorFields on UserError {
  code
  field
  message
  relatedId
  edits {
    at
    by
    fields
  }
}`) as unknown as TypedDocumentString<LogoutMutation, LogoutMutationVariables>;
export const HomeDocument = new TypedDocumentString(`
    query Home {
  all: clients(first: 1) {
    totalCount
  }
  problems: clients(
    first: 5
    filter: {hasProblem: true, exceptIncidents: true}
    orderBy: {field: TROUBLE, direction: DESC}
  ) {
    totalCount
    edges {
      node {
        id
        name
        documentFormatted
      }
    }
  }
  keyless: clients(first: 5, filter: {withoutKey: true}) {
    totalCount
    edges {
      node {
        id
        name
        documentFormatted
      }
    }
  }
  keys: accessKeys(first: 1, filter: {inForce: true}) {
    totalCount
  }
}
    `) as unknown as TypedDocumentString<HomeQuery, HomeQueryVariables>;
/* eslint-disable */
import * as types from './graphql';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "fragment ConfigFields on MarketplaceConfig {\n  __typename\n  ... on MeuCarrinhoConfig {\n    username\n    password {\n      ...SecretFields\n    }\n  }\n  ... on NuvemshopConfig {\n    storeUrl\n    storeId\n    accessToken {\n      ...SecretFields\n    }\n  }\n  ... on Plug4MarketConfig {\n    accessToken {\n      ...SecretFields\n    }\n    refreshToken {\n      ...SecretFields\n    }\n  }\n  ... on ShowKaseConfig {\n    token {\n      ...SecretFields\n    }\n  }\n}": typeof types.ConfigFieldsFragmentDoc,
    "\n  fragment FoundClient on Client {\n    id\n    name\n    tradeName\n    documentFormatted\n    archivedAt\n    products {\n      id\n      suspendedAt\n      product { id capabilities }\n      marketplaces { id health { state reason } }\n    }\n  }\n": typeof types.FoundClientFragmentDoc,
    "\n  fragment FoundMarketplace on Marketplace {\n    id\n    provider\n    description\n    health { state reason }\n    clientProduct { id client { id name } }\n  }\n": typeof types.FoundMarketplaceFragmentDoc,
    "\n  fragment FoundAccessKey on AccessKey {\n    id\n    name\n    visiblePart\n    last4\n    status\n    lastUsedAt\n    expiresAt\n    baitSince\n    clientProduct { id client { id name archivedAt } }\n  }\n": typeof types.FoundAccessKeyFragmentDoc,
    "\n  query Find($text: String!) {\n    find(text: $text) {\n      clients { more nodes { ...FoundClient } }\n      marketplaces { more nodes { ...FoundMarketplace } }\n      accessKeys { more nodes { ...FoundAccessKey } }\n      operators { more nodes { id name email status } }\n      serviceTokens { more nodes { id name visiblePart last4 expiresAt revokedAt } }\n    }\n  }\n": typeof types.FindDocument,
    "\n  query Recents($ids: [ID!]!) {\n    nodes(ids: $ids) {\n      __typename\n      ...FoundClient\n      ...FoundMarketplace\n      ...FoundAccessKey\n    }\n  }\n": typeof types.RecentsDocument,
    "\n  query MadeKeys($by: ID!) {\n    accessKeys(first: 100, filter: { createdById: $by, inForce: true }) {\n      totalCount\n      edges { node { id name visiblePart clientProduct { client { name } } } }\n    }\n  }\n": typeof types.MadeKeysDocument,
    "\n  fragment AccessKeyFields on AccessKey {\n    id\n    name\n    visiblePart\n    last4\n    status\n    createdAt\n    createdBy\n    expiresAt\n    overlapEndsAt\n    revokedAt\n    lastUsedAt\n    lastUsedAddress\n    exposedAt\n    addresses\n    refusedAt\n    refusedAddress\n    baitSince\n    baitUsedAt\n    version\n    replacedBy { id name }\n  }\n": typeof types.AccessKeyFieldsFragmentDoc,
    "\n  query AccessKeys($first: Int, $after: String, $last: Int, $before: String, $search: String, $filter: AccessKeyFilter, $orderBy: AccessKeyOrder) {\n    accessKeys(first: $first, after: $after, last: $last, before: $before, search: $search, filter: $filter, orderBy: $orderBy) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges {\n        node {\n          ...AccessKeyFields\n          clientProduct {\n            id\n            client { id name documentFormatted }\n            product { id name }\n          }\n        }\n      }\n    }\n  }\n": typeof types.AccessKeysDocument,
    "\n  mutation CreateAccessKey($input: CreateAccessKeyInput!) {\n    createAccessKey(input: $input) {\n      accessKey { ...AccessKeyFields }\n      token\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.CreateAccessKeyDocument,
    "\n  mutation RotateAccessKey($input: RotateAccessKeyInput!) {\n    rotateAccessKey(input: $input) {\n      accessKey { ...AccessKeyFields }\n      token\n      replacedAccessKey { ...AccessKeyFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.RotateAccessKeyDocument,
    "\n  mutation UpdateAccessKey($input: UpdateAccessKeyInput!) {\n    updateAccessKey(input: $input) {\n      accessKey { ...AccessKeyFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.UpdateAccessKeyDocument,
    "\n  mutation SetBait($input: SetBaitInput!) {\n    setBait(input: $input) {\n      id\n      baitSince\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.SetBaitDocument,
    "\n  mutation RevokeAccessKey($input: RevokeAccessKeyInput!) {\n    revokeAccessKey(input: $input) {\n      accessKey { id status revokedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.RevokeAccessKeyDocument,
    "\n  query LeakedKey($id: ID!, $since: Time) {\n    node(id: $id) {\n      __typename\n      ... on AccessKey {\n        ...AccessKeyFields\n        clientProduct {\n          id\n          client { id name }\n          product { id name }\n        }\n        readMarketplaces(since: $since) {\n          marketplaceId\n          count\n          addressCount\n          lastAt\n          renewed\n          afterRevocation\n          marketplace { id provider description }\n        }\n      }\n    }\n  }\n": typeof types.LeakedKeyDocument,
    "\n  fragment PasskeyFields on Passkey {\n    id\n    name\n    createdAt\n    lastUsedAt\n  }\n": typeof types.PasskeyFieldsFragmentDoc,
    "\n  fragment OperatorSessionFields on OperatorSession {\n    id\n    browser\n    address\n    lastBrowser\n    lastAddress\n    movedAt\n    createdAt\n    lastUsedAt\n    expiresAt\n    current\n  }\n": typeof types.OperatorSessionFieldsFragmentDoc,
    "\n  fragment OwnAccountFields on Account {\n    operator { id name email role hasSecondFactor version }\n    totpSince\n    recoveryCodesLeft\n    passkeys { ...PasskeyFields }\n    sessions { ...OperatorSessionFields }\n    secondFactorRequired\n    minPasswordLength\n  }\n": typeof types.OwnAccountFieldsFragmentDoc,
    "\n  fragment AccountResult on AccountPayload {\n    account { ...OwnAccountFields }\n    userErrors { ...UserErrorFields }\n  }\n": typeof types.AccountResultFragmentDoc,
    "\n  fragment SecondFactorResult on SecondFactorPayload {\n    account { ...OwnAccountFields }\n    recoveryCodes\n    userErrors { ...UserErrorFields }\n  }\n": typeof types.SecondFactorResultFragmentDoc,
    "\n  query OwnAccount {\n    account { ...OwnAccountFields }\n  }\n": typeof types.OwnAccountDocument,
    "\n  fragment AccountChangeFields on AccountChange {\n    id\n    at\n    by\n    address\n    action\n    fields { field old new }\n  }\n": typeof types.AccountChangeFieldsFragmentDoc,
    "\n  query AccountChanges {\n    account { changes { ...AccountChangeFields } }\n  }\n": typeof types.AccountChangesDocument,
    "\n  query OwnSecondFactor {\n    viewer { id hasSecondFactor }\n  }\n": typeof types.OwnSecondFactorDocument,
    "\n  mutation UpdateAccount($input: UpdateAccountInput!) {\n    updateAccount(input: $input) { ...AccountResult }\n  }\n": typeof types.UpdateAccountDocument,
    "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) { ...AccountResult }\n  }\n": typeof types.ChangePasswordDocument,
    "\n  mutation BeginTotp {\n    beginTotp { ticket seed address picture }\n  }\n": typeof types.BeginTotpDocument,
    "\n  mutation ConfirmTotp($input: ConfirmTotpInput!) {\n    confirmTotp(input: $input) { ...SecondFactorResult }\n  }\n": typeof types.ConfirmTotpDocument,
    "\n  mutation RemoveTotp {\n    removeTotp { ...AccountResult }\n  }\n": typeof types.RemoveTotpDocument,
    "\n  mutation CreateRecoveryCodes {\n    createRecoveryCodes { ...SecondFactorResult }\n  }\n": typeof types.CreateRecoveryCodesDocument,
    "\n  mutation BeginPasskeyRegistration {\n    beginPasskeyRegistration { ticket options }\n  }\n": typeof types.BeginPasskeyRegistrationDocument,
    "\n  mutation AddPasskey($input: AddPasskeyInput!) {\n    addPasskey(input: $input) { ...SecondFactorResult }\n  }\n": typeof types.AddPasskeyDocument,
    "\n  mutation RemovePasskey($input: RemovePasskeyInput!) {\n    removePasskey(input: $input) { ...AccountResult }\n  }\n": typeof types.RemovePasskeyDocument,
    "\n  mutation EndSession($input: EndSessionInput!) {\n    endSession(input: $input) { ...AccountResult }\n  }\n": typeof types.EndSessionDocument,
    "\n  mutation EndOtherSessions {\n    endOtherSessions { ...AccountResult }\n  }\n": typeof types.EndOtherSessionsDocument,
    "\n  query AuditEvents($first: Int, $after: String, $last: Int, $before: String, $filter: AuditEventFilter) {\n    auditEvents(first: $first, after: $after, last: $last, before: $before, filter: $filter) {\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...AuditEventFields } }\n    }\n  }\n": typeof types.AuditEventsDocument,
    "\n  fragment AuditEventFields on AuditEvent {\n    id\n    at\n    actor { kind id label }\n    address\n    requestId\n    action\n    object { id name }\n    client { id name erasedAt }\n    changes { field old new }\n  }\n": typeof types.AuditEventFieldsFragmentDoc,
    "\n  query AuditNames($ids: [ID!]!) {\n    nodes(ids: $ids) {\n      id\n      ... on Client { clientName: name }\n      ... on Operator { operatorName: name }\n      ... on AccessKey { keyName: name }\n    }\n  }\n": typeof types.AuditNamesDocument,
    "\n  query AuditClients($search: String!) {\n    clients(search: $search, first: 8) {\n      edges { node { id name documentFormatted } }\n    }\n  }\n": typeof types.AuditClientsDocument,
    "\n  query Clients($first: Int, $after: String, $last: Int, $before: String, $search: String, $filter: ClientFilter, $orderBy: ClientOrder) {\n    clients(first: $first, after: $after, last: $last, before: $before, search: $search, filter: $filter, orderBy: $orderBy) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges {\n        node {\n          id\n          name\n          tradeName\n          documentFormatted\n          createdAt\n          archivedAt\n          baitSince\n          products {\n            id\n            suspendedAt\n            nextStep\n            product { id name }\n            marketplaces { id provider health { state reason } }\n          }\n        }\n      }\n    }\n  }\n": typeof types.ClientsDocument,
    "\n  query FindClients($search: String!) {\n    clients(search: $search, first: 8) {\n      edges { node { id name tradeName documentFormatted } }\n    }\n  }\n": typeof types.FindClientsDocument,
    "\n  query ClientOfDocument($document: String!) {\n    active: clients(search: $document, first: 2) {\n      edges { node { id name document } }\n    }\n    archived: clients(search: $document, first: 2, filter: { archived: true }) {\n      edges { node { id name document } }\n    }\n  }\n": typeof types.ClientOfDocumentDocument,
    "\n  query TagsInUse {\n    tagsInUse(first: 100) { tag clients }\n  }\n": typeof types.TagsInUseDocument,
    "\n  query Client($id: ID!) {\n    client(id: $id) {\n      ...ClientFields\n      products {\n        id\n        suspendedAt\n        nextStep\n        backOfficeLastCallAt\n        product { id name capabilities }\n        marketplaces { id provider description health { state reason } }\n        accessKeys { ...AccessKeyFields }\n      }\n    }\n  }\n": typeof types.ClientDocument,
    "\n  fragment ClientFields on Client {\n    id\n    name\n    tradeName\n    document\n    documentFormatted\n    documentKind\n    createdAt\n    updatedAt\n    archivedAt\n    erasedAt\n    baitSince\n    version\n    tags\n  }\n": typeof types.ClientFieldsFragmentDoc,
    "\n  mutation CreateClient($input: CreateClientInput!) {\n    createClient(input: $input) {\n      client { ...ClientFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.CreateClientDocument,
    "\n  mutation UpdateClient($input: UpdateClientInput!) {\n    updateClient(input: $input) {\n      client { ...ClientFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.UpdateClientDocument,
    "\n  mutation ArchiveClient($input: ArchiveClientInput!) {\n    archiveClient(input: $input) {\n      client { id archivedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.ArchiveClientDocument,
    "\n  mutation RestoreClient($input: RestoreClientInput!) {\n    restoreClient(input: $input) {\n      client { id archivedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.RestoreClientDocument,
    "\n  mutation ExportClient($input: ExportClientInput!) {\n    exportClient(input: $input) {\n      content\n      fileName\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.ExportClientDocument,
    "\n  mutation EraseClient($input: EraseClientInput!) {\n    eraseClient(input: $input) {\n      client { ...ClientFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.EraseClientDocument,
    "\n  fragment DueFields on DueItem {\n    kind\n    at\n    withinDays\n    provider\n    message\n    client { id name }\n    marketplace { id description clientProduct { id } }\n    accessKey { id name clientProduct { id } }\n    operator { id name }\n  }\n": typeof types.DueFieldsFragmentDoc,
    "\n  query Due($withinDays: Int!) {\n    due(withinDays: $withinDays) { ...DueFields }\n  }\n": typeof types.DueDocument,
    "\n  fragment FactsFields on MarketplaceHealthFacts {\n    availability\n    downMinutes\n    incidentMinutes\n    broke\n    brokeInIncident\n    meanMinutesToMend\n    longestMinutes\n  }\n": typeof types.FactsFieldsFragmentDoc,
    "\n  fragment HistoryFields on MarketplaceHistory {\n    from\n    to\n    facts { ...FactsFields }\n    days { begins worst downMinutes incidentMinutes }\n  }\n": typeof types.HistoryFieldsFragmentDoc,
    "\n  query ProductHistory($id: ID!, $zone: String!) {\n    node(id: $id) {\n      ... on ClientProduct {\n        marketplaces { id history(zone: $zone) { ...HistoryFields } }\n      }\n    }\n  }\n": typeof types.ProductHistoryDocument,
    "\n  query ClientHistory($id: ID!, $zone: String!) {\n    client(id: $id) { id history(zone: $zone) { ...HistoryFields } }\n  }\n": typeof types.ClientHistoryDocument,
    "\n  query ClientMonth($id: ID!, $from: Time!, $to: Time!, $zone: String!) {\n    client(id: $id) {\n      id\n      name\n      documentFormatted\n      documentKind\n      createdAt\n      erasedAt\n      history(from: $from, to: $to, zone: $zone) { ...HistoryFields }\n      products {\n        id\n        product { name }\n        marketplaces {\n          id\n          provider\n          description\n          createdAt\n          history(from: $from, to: $to, zone: $zone) { ...HistoryFields }\n        }\n      }\n    }\n  }\n": typeof types.ClientMonthDocument,
    "\n  fragment SecretFields on SecretState {\n    setAt\n    setBy\n    expiresAt\n    fingerprint\n  }\n": typeof types.SecretFieldsFragmentDoc,
    "\n  fragment AccountFields on MarketplaceAccount {\n    id\n    name\n    document\n    matchesClient\n    isBranch\n  }\n": typeof types.AccountFieldsFragmentDoc,
    "\n  fragment MarketplaceFields on Marketplace {\n    id\n    provider\n    description\n    createdAt\n    updatedAt\n    version\n    renewedAt\n    unreadAnswerUntil\n    providerMessage\n    technicalDetail\n    health { state reason message since lastCheckedAt nextCheckAt }\n    account { ...AccountFields }\n    installLink { id createdBy expiresAt }\n    config { ...ConfigFields }\n  }\n": typeof types.MarketplaceFieldsFragmentDoc,
    "\n  mutation AddMarketplace($input: AddMarketplaceInput!) {\n    addMarketplace(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.AddMarketplaceDocument,
    "\n  mutation ConnectMarketplace($input: ConnectMarketplaceInput!) {\n    connectMarketplace(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.ConnectMarketplaceDocument,
    "\n  mutation UpdateMarketplace($input: UpdateMarketplaceInput!) {\n    updateMarketplace(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.UpdateMarketplaceDocument,
    "\n  mutation ConfirmShop($input: ConfirmMarketplaceShopInput!) {\n    confirmMarketplaceShop(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.ConfirmShopDocument,
    "\n  mutation RemoveMarketplace($input: RemoveMarketplaceInput!) {\n    removeMarketplace(input: $input) {\n      clientProduct { id nextStep }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.RemoveMarketplaceDocument,
    "\n  fragment MarketplaceTestFields on MarketplaceTest {\n    outcome\n    message\n    providerMessage\n    technicalDetail\n    identityWarning\n    account { ...AccountFields }\n  }\n": typeof types.MarketplaceTestFieldsFragmentDoc,
    "\n  mutation TestMarketplaceConfig($input: TestMarketplaceConfigInput!) {\n    testMarketplaceConfig(input: $input) {\n      result { ...MarketplaceTestFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.TestMarketplaceConfigDocument,
    "\n  mutation TestMarketplace($input: TestMarketplaceInput!) {\n    testMarketplace(input: $input) {\n      result { ...MarketplaceTestFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.TestMarketplaceDocument,
    "\n  query ProviderStatuses {\n    providers { provider configured message installable testable mintable panelUrl }\n  }\n": typeof types.ProviderStatusesDocument,
    "\n  fragment IncidentFields on ProviderIncident {\n    id\n    provider\n    openedAt\n    closedAt\n    affected\n    connections\n    evidence\n  }\n": typeof types.IncidentFieldsFragmentDoc,
    "\n  query OpenIncidents {\n    providerIncidents(first: 20, open: true) { edges { node { ...IncidentFields } } }\n  }\n": typeof types.OpenIncidentsDocument,
    "\n  query IncidentHistory($first: Int!) {\n    providerIncidents(first: $first) {\n      totalCount\n      edges { node { ...IncidentFields } }\n    }\n  }\n": typeof types.IncidentHistoryDocument,
    "\n  mutation StartInstall($input: StartInstallInput!) {\n    startInstall(input: $input) {\n      authorizeUrl\n      expiresAt\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.StartInstallDocument,
    "\n  mutation CreateInstallLink($input: CreateInstallLinkInput!) {\n    createInstallLink(input: $input) {\n      url\n      marketplace { id installLink { id createdBy expiresAt } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.CreateInstallLinkDocument,
    "\n  mutation RevokeInstallLink($input: RevokeInstallLinkInput!) {\n    revokeInstallLink(input: $input) {\n      marketplace { id installLink { id } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.RevokeInstallLinkDocument,
    "\n  query InstallOwner($id: ID!) {\n    client(id: $id) { name }\n  }\n": typeof types.InstallOwnerDocument,
    "\n  fragment UnclaimedFields on UnclaimedInstallation {\n    id\n    provider\n    createdAt\n    account { ...AccountFields }\n    suggestedClient { id name documentFormatted }\n  }\n": typeof types.UnclaimedFieldsFragmentDoc,
    "\n  query UnclaimedInstallations {\n    unclaimedInstallations { ...UnclaimedFields }\n  }\n": typeof types.UnclaimedInstallationsDocument,
    "\n  query ChooseClient($search: String) {\n    clients(search: $search, first: 8) {\n      edges { node { id name documentFormatted } }\n    }\n  }\n": typeof types.ChooseClientDocument,
    "\n  query InstallationTargets($clientId: ID!) {\n    client(id: $clientId) {\n      id\n      products {\n        id\n        suspendedAt\n        product { id name capabilities }\n        marketplaces { id provider description health { reason } }\n      }\n    }\n  }\n": typeof types.InstallationTargetsDocument,
    "\n  mutation AttachInstallation($input: AttachInstallationInput!) {\n    attachInstallation(input: $input) {\n      marketplace { id clientProduct { id client { id } } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.AttachInstallationDocument,
    "\n  mutation DiscardInstallation($input: DiscardInstallationInput!) {\n    discardInstallation(input: $input) {\n      id\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.DiscardInstallationDocument,
    "\n  fragment NoticeFields on ProviderNotice {\n    id\n    provider\n    topic\n    accountId\n    createdAt\n    provenAt\n    marketplace { id description clientProduct { id client { id name } } }\n  }\n": typeof types.NoticeFieldsFragmentDoc,
    "\n  query ProviderNotices {\n    providerNotices { ...NoticeFields }\n  }\n": typeof types.ProviderNoticesDocument,
    "\n  mutation CloseProviderNotice($input: CloseProviderNoticeInput!) {\n    closeProviderNotice(input: $input) {\n      id\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.CloseProviderNoticeDocument,
    "\n  fragment ProviderFields on ProviderStatus {\n    provider\n    configured\n    message\n    houseRefusedAt\n    addresses { topic url }\n    settings {\n      name\n      kind\n      value\n      default\n      choices\n      required\n      source\n      environmentVariable\n      secret { ...SecretFields }\n    }\n  }\n": typeof types.ProviderFieldsFragmentDoc,
    "\n  query ProviderSettings {\n    providers { ...ProviderFields }\n  }\n": typeof types.ProviderSettingsDocument,
    "\n  mutation UpdateProviderSettings($input: UpdateProviderSettingsInput!) {\n    updateProviderSettings(input: $input) {\n      provider { ...ProviderFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.UpdateProviderSettingsDocument,
    "\n  fragment OperatorFields on Operator {\n    id\n    name\n    email\n    role\n    status\n    hasSecondFactor\n    lastLoginAt\n    version\n  }\n": typeof types.OperatorFieldsFragmentDoc,
    "\n  fragment OperatorResult on OperatorPayload {\n    operator { ...OperatorFields }\n    userErrors { ...UserErrorFields }\n  }\n": typeof types.OperatorResultFragmentDoc,
    "\n  fragment OperatorLinkResult on OperatorLinkPayload {\n    operator { ...OperatorFields }\n    link\n    linkExpiresAt\n    userErrors { ...UserErrorFields }\n  }\n": typeof types.OperatorLinkResultFragmentDoc,
    "\n  query Operators($first: Int, $after: String, $last: Int, $before: String) {\n    operators(first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...OperatorFields } }\n    }\n  }\n": typeof types.OperatorsDocument,
    "\n  mutation InviteOperator($input: InviteOperatorInput!) {\n    inviteOperator(input: $input) { ...OperatorLinkResult }\n  }\n": typeof types.InviteOperatorDocument,
    "\n  mutation CreatePasswordLink($input: OperatorInput!) {\n    createPasswordLink(input: $input) { ...OperatorLinkResult }\n  }\n": typeof types.CreatePasswordLinkDocument,
    "\n  mutation UpdateOperator($input: UpdateOperatorInput!) {\n    updateOperator(input: $input) { ...OperatorResult }\n  }\n": typeof types.UpdateOperatorDocument,
    "\n  mutation DisableOperator($input: DisableOperatorInput!) {\n    disableOperator(input: $input) { ...OperatorResult }\n  }\n": typeof types.DisableOperatorDocument,
    "\n  mutation EnableOperator($input: OperatorInput!) {\n    enableOperator(input: $input) { ...OperatorResult }\n  }\n": typeof types.EnableOperatorDocument,
    "\n  mutation EndOperatorSessions($input: OperatorInput!) {\n    endOperatorSessions(input: $input) { ...OperatorResult }\n  }\n": typeof types.EndOperatorSessionsDocument,
    "\n  mutation RemoveSecondFactor($input: OperatorInput!) {\n    removeSecondFactor(input: $input) { ...OperatorResult }\n  }\n": typeof types.RemoveSecondFactorDocument,
    "\n  fragment ProductFields on Product {\n    id\n    code\n    name\n    description\n    capabilities\n    updatedAt\n    version\n  }\n": typeof types.ProductFieldsFragmentDoc,
    "\n  query Products($first: Int, $after: String, $last: Int, $before: String) {\n    products(first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...ProductFields } }\n    }\n  }\n": typeof types.ProductsDocument,
    "\n  mutation CreateProduct($input: CreateProductInput!) {\n    createProduct(input: $input) {\n      product { ...ProductFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.CreateProductDocument,
    "\n  mutation UpdateProduct($input: UpdateProductInput!) {\n    updateProduct(input: $input) {\n      product { ...ProductFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.UpdateProductDocument,
    "\n  query ClientProduct($id: ID!) {\n    node(id: $id) {\n      __typename\n      ... on ClientProduct {\n        id\n        createdAt\n        suspendedAt\n        version\n        nextStep\n        backOfficeLastCallAt\n        client { id name documentFormatted documentKind archivedAt }\n        product { id name description capabilities }\n        marketplaces { ...MarketplaceFields }\n        accessKeys { ...AccessKeyFields }\n      }\n    }\n  }\n": typeof types.ClientProductDocument,
    "\n  mutation AddClientProduct($input: AddClientProductInput!) {\n    addClientProduct(input: $input) {\n      clientProduct { id client { id } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.AddClientProductDocument,
    "\n  mutation SuspendClientProduct($input: SuspendClientProductInput!) {\n    suspendClientProduct(input: $input) {\n      clientProduct { id suspendedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.SuspendClientProductDocument,
    "\n  mutation ResumeClientProduct($input: ResumeClientProductInput!) {\n    resumeClientProduct(input: $input) {\n      clientProduct { id suspendedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.ResumeClientProductDocument,
    "\n  fragment ServiceTokenFields on ServiceToken {\n    id\n    name\n    role\n    scopes\n    addresses\n    visiblePart\n    last4\n    createdAt\n    createdBy\n    expiresAt\n    revokedAt\n    lastUsedAt\n    lastUsedAddress\n    exposedAt\n  }\n": typeof types.ServiceTokenFieldsFragmentDoc,
    "\n  query ServiceTokens($first: Int, $after: String, $last: Int, $before: String) {\n    serviceTokens(first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...ServiceTokenFields } }\n    }\n  }\n": typeof types.ServiceTokensDocument,
    "\n  mutation CreateServiceToken($input: CreateServiceTokenInput!) {\n    createServiceToken(input: $input) {\n      serviceToken { ...ServiceTokenFields }\n      token\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.CreateServiceTokenDocument,
    "\n  mutation RevokeServiceToken($input: RevokeServiceTokenInput!) {\n    revokeServiceToken(input: $input) {\n      serviceToken { ...ServiceTokenFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": typeof types.RevokeServiceTokenDocument,
    "\n  query SetupRequired {\n    setupRequired\n  }\n": typeof types.SetupRequiredDocument,
    "\n  fragment SecondFactorFields on SecondFactorRequest {\n    ticket\n    methods\n    passkeyOptions\n    passkeysMadeAt\n  }\n": typeof types.SecondFactorFieldsFragmentDoc,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) { ...SessionFields secondFactor { ...SecondFactorFields } }\n  }\n": typeof types.LoginDocument,
    "\n  mutation CompleteLogin($input: CompleteLoginInput!) {\n    completeLogin(input: $input) { ...SessionFields }\n  }\n": typeof types.CompleteLoginDocument,
    "\n  mutation BeginPasskeyLogin {\n    beginPasskeyLogin { ticket options }\n  }\n": typeof types.BeginPasskeyLoginDocument,
    "\n  query PasswordLink($link: String!) {\n    passwordLink(link: $link) { purpose name email minLength }\n  }\n": typeof types.PasswordLinkDocument,
    "\n  mutation SetPassword($input: SetPasswordInput!) {\n    setPassword(input: $input) { ...SessionFields secondFactor { ...SecondFactorFields } }\n  }\n": typeof types.SetPasswordDocument,
    "\n  mutation CreateFirstAdministrator($input: CreateFirstAdministratorInput!) {\n    createFirstAdministrator(input: $input) { ...SessionFields }\n  }\n": typeof types.CreateFirstAdministratorDocument,
    "\n  query ProofMethods {\n    account { totpSince passkeys { id } operator { id hasSecondFactor } }\n  }\n": typeof types.ProofMethodsDocument,
    "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) { ...SessionFields }\n  }\n": typeof types.ReauthenticateDocument,
    "\n  mutation BeginPasskeyReauthentication {\n    beginPasskeyReauthentication { ticket options }\n  }\n": typeof types.BeginPasskeyReauthenticationDocument,
    "\n  subscription Changes {\n    changes { topic clientId clientProductId objectId }\n  }\n": typeof types.ChangesDocument,
    "\n  fragment SessionFields on SessionPayload {\n    accessToken\n    expiresAt\n    operator { id name email role }\n    userErrors { ...UserErrorFields }\n  }\n": typeof types.SessionFieldsFragmentDoc,
    "\n  mutation RefreshSession {\n    refreshSession { ...SessionFields }\n  }\n": typeof types.RefreshSessionDocument,
    "\n  mutation Logout {\n    logout { userErrors { ...UserErrorFields } }\n  }\n": typeof types.LogoutDocument,
    "\n  fragment UserErrorFields on UserError {\n    code\n    field\n    message\n    relatedId\n    edits { at by fields }\n  }\n": typeof types.UserErrorFieldsFragmentDoc,
    "\n  query Home {\n    all: clients(first: 1) { totalCount }\n    problems: clients(first: 5, filter: { hasProblem: true, exceptIncidents: true }, orderBy: { field: TROUBLE, direction: DESC }) {\n      totalCount\n      edges { node { id name documentFormatted } }\n    }\n    keyless: clients(first: 5, filter: { withoutKey: true }) { totalCount edges { node { id name documentFormatted } } }\n    keys: accessKeys(first: 1, filter: { inForce: true }) { totalCount }\n  }\n": typeof types.HomeDocument,
};
const documents: Documents = {
    "fragment ConfigFields on MarketplaceConfig {\n  __typename\n  ... on MeuCarrinhoConfig {\n    username\n    password {\n      ...SecretFields\n    }\n  }\n  ... on NuvemshopConfig {\n    storeUrl\n    storeId\n    accessToken {\n      ...SecretFields\n    }\n  }\n  ... on Plug4MarketConfig {\n    accessToken {\n      ...SecretFields\n    }\n    refreshToken {\n      ...SecretFields\n    }\n  }\n  ... on ShowKaseConfig {\n    token {\n      ...SecretFields\n    }\n  }\n}": types.ConfigFieldsFragmentDoc,
    "\n  fragment FoundClient on Client {\n    id\n    name\n    tradeName\n    documentFormatted\n    archivedAt\n    products {\n      id\n      suspendedAt\n      product { id capabilities }\n      marketplaces { id health { state reason } }\n    }\n  }\n": types.FoundClientFragmentDoc,
    "\n  fragment FoundMarketplace on Marketplace {\n    id\n    provider\n    description\n    health { state reason }\n    clientProduct { id client { id name } }\n  }\n": types.FoundMarketplaceFragmentDoc,
    "\n  fragment FoundAccessKey on AccessKey {\n    id\n    name\n    visiblePart\n    last4\n    status\n    lastUsedAt\n    expiresAt\n    baitSince\n    clientProduct { id client { id name archivedAt } }\n  }\n": types.FoundAccessKeyFragmentDoc,
    "\n  query Find($text: String!) {\n    find(text: $text) {\n      clients { more nodes { ...FoundClient } }\n      marketplaces { more nodes { ...FoundMarketplace } }\n      accessKeys { more nodes { ...FoundAccessKey } }\n      operators { more nodes { id name email status } }\n      serviceTokens { more nodes { id name visiblePart last4 expiresAt revokedAt } }\n    }\n  }\n": types.FindDocument,
    "\n  query Recents($ids: [ID!]!) {\n    nodes(ids: $ids) {\n      __typename\n      ...FoundClient\n      ...FoundMarketplace\n      ...FoundAccessKey\n    }\n  }\n": types.RecentsDocument,
    "\n  query MadeKeys($by: ID!) {\n    accessKeys(first: 100, filter: { createdById: $by, inForce: true }) {\n      totalCount\n      edges { node { id name visiblePart clientProduct { client { name } } } }\n    }\n  }\n": types.MadeKeysDocument,
    "\n  fragment AccessKeyFields on AccessKey {\n    id\n    name\n    visiblePart\n    last4\n    status\n    createdAt\n    createdBy\n    expiresAt\n    overlapEndsAt\n    revokedAt\n    lastUsedAt\n    lastUsedAddress\n    exposedAt\n    addresses\n    refusedAt\n    refusedAddress\n    baitSince\n    baitUsedAt\n    version\n    replacedBy { id name }\n  }\n": types.AccessKeyFieldsFragmentDoc,
    "\n  query AccessKeys($first: Int, $after: String, $last: Int, $before: String, $search: String, $filter: AccessKeyFilter, $orderBy: AccessKeyOrder) {\n    accessKeys(first: $first, after: $after, last: $last, before: $before, search: $search, filter: $filter, orderBy: $orderBy) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges {\n        node {\n          ...AccessKeyFields\n          clientProduct {\n            id\n            client { id name documentFormatted }\n            product { id name }\n          }\n        }\n      }\n    }\n  }\n": types.AccessKeysDocument,
    "\n  mutation CreateAccessKey($input: CreateAccessKeyInput!) {\n    createAccessKey(input: $input) {\n      accessKey { ...AccessKeyFields }\n      token\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.CreateAccessKeyDocument,
    "\n  mutation RotateAccessKey($input: RotateAccessKeyInput!) {\n    rotateAccessKey(input: $input) {\n      accessKey { ...AccessKeyFields }\n      token\n      replacedAccessKey { ...AccessKeyFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.RotateAccessKeyDocument,
    "\n  mutation UpdateAccessKey($input: UpdateAccessKeyInput!) {\n    updateAccessKey(input: $input) {\n      accessKey { ...AccessKeyFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.UpdateAccessKeyDocument,
    "\n  mutation SetBait($input: SetBaitInput!) {\n    setBait(input: $input) {\n      id\n      baitSince\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.SetBaitDocument,
    "\n  mutation RevokeAccessKey($input: RevokeAccessKeyInput!) {\n    revokeAccessKey(input: $input) {\n      accessKey { id status revokedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.RevokeAccessKeyDocument,
    "\n  query LeakedKey($id: ID!, $since: Time) {\n    node(id: $id) {\n      __typename\n      ... on AccessKey {\n        ...AccessKeyFields\n        clientProduct {\n          id\n          client { id name }\n          product { id name }\n        }\n        readMarketplaces(since: $since) {\n          marketplaceId\n          count\n          addressCount\n          lastAt\n          renewed\n          afterRevocation\n          marketplace { id provider description }\n        }\n      }\n    }\n  }\n": types.LeakedKeyDocument,
    "\n  fragment PasskeyFields on Passkey {\n    id\n    name\n    createdAt\n    lastUsedAt\n  }\n": types.PasskeyFieldsFragmentDoc,
    "\n  fragment OperatorSessionFields on OperatorSession {\n    id\n    browser\n    address\n    lastBrowser\n    lastAddress\n    movedAt\n    createdAt\n    lastUsedAt\n    expiresAt\n    current\n  }\n": types.OperatorSessionFieldsFragmentDoc,
    "\n  fragment OwnAccountFields on Account {\n    operator { id name email role hasSecondFactor version }\n    totpSince\n    recoveryCodesLeft\n    passkeys { ...PasskeyFields }\n    sessions { ...OperatorSessionFields }\n    secondFactorRequired\n    minPasswordLength\n  }\n": types.OwnAccountFieldsFragmentDoc,
    "\n  fragment AccountResult on AccountPayload {\n    account { ...OwnAccountFields }\n    userErrors { ...UserErrorFields }\n  }\n": types.AccountResultFragmentDoc,
    "\n  fragment SecondFactorResult on SecondFactorPayload {\n    account { ...OwnAccountFields }\n    recoveryCodes\n    userErrors { ...UserErrorFields }\n  }\n": types.SecondFactorResultFragmentDoc,
    "\n  query OwnAccount {\n    account { ...OwnAccountFields }\n  }\n": types.OwnAccountDocument,
    "\n  fragment AccountChangeFields on AccountChange {\n    id\n    at\n    by\n    address\n    action\n    fields { field old new }\n  }\n": types.AccountChangeFieldsFragmentDoc,
    "\n  query AccountChanges {\n    account { changes { ...AccountChangeFields } }\n  }\n": types.AccountChangesDocument,
    "\n  query OwnSecondFactor {\n    viewer { id hasSecondFactor }\n  }\n": types.OwnSecondFactorDocument,
    "\n  mutation UpdateAccount($input: UpdateAccountInput!) {\n    updateAccount(input: $input) { ...AccountResult }\n  }\n": types.UpdateAccountDocument,
    "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) { ...AccountResult }\n  }\n": types.ChangePasswordDocument,
    "\n  mutation BeginTotp {\n    beginTotp { ticket seed address picture }\n  }\n": types.BeginTotpDocument,
    "\n  mutation ConfirmTotp($input: ConfirmTotpInput!) {\n    confirmTotp(input: $input) { ...SecondFactorResult }\n  }\n": types.ConfirmTotpDocument,
    "\n  mutation RemoveTotp {\n    removeTotp { ...AccountResult }\n  }\n": types.RemoveTotpDocument,
    "\n  mutation CreateRecoveryCodes {\n    createRecoveryCodes { ...SecondFactorResult }\n  }\n": types.CreateRecoveryCodesDocument,
    "\n  mutation BeginPasskeyRegistration {\n    beginPasskeyRegistration { ticket options }\n  }\n": types.BeginPasskeyRegistrationDocument,
    "\n  mutation AddPasskey($input: AddPasskeyInput!) {\n    addPasskey(input: $input) { ...SecondFactorResult }\n  }\n": types.AddPasskeyDocument,
    "\n  mutation RemovePasskey($input: RemovePasskeyInput!) {\n    removePasskey(input: $input) { ...AccountResult }\n  }\n": types.RemovePasskeyDocument,
    "\n  mutation EndSession($input: EndSessionInput!) {\n    endSession(input: $input) { ...AccountResult }\n  }\n": types.EndSessionDocument,
    "\n  mutation EndOtherSessions {\n    endOtherSessions { ...AccountResult }\n  }\n": types.EndOtherSessionsDocument,
    "\n  query AuditEvents($first: Int, $after: String, $last: Int, $before: String, $filter: AuditEventFilter) {\n    auditEvents(first: $first, after: $after, last: $last, before: $before, filter: $filter) {\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...AuditEventFields } }\n    }\n  }\n": types.AuditEventsDocument,
    "\n  fragment AuditEventFields on AuditEvent {\n    id\n    at\n    actor { kind id label }\n    address\n    requestId\n    action\n    object { id name }\n    client { id name erasedAt }\n    changes { field old new }\n  }\n": types.AuditEventFieldsFragmentDoc,
    "\n  query AuditNames($ids: [ID!]!) {\n    nodes(ids: $ids) {\n      id\n      ... on Client { clientName: name }\n      ... on Operator { operatorName: name }\n      ... on AccessKey { keyName: name }\n    }\n  }\n": types.AuditNamesDocument,
    "\n  query AuditClients($search: String!) {\n    clients(search: $search, first: 8) {\n      edges { node { id name documentFormatted } }\n    }\n  }\n": types.AuditClientsDocument,
    "\n  query Clients($first: Int, $after: String, $last: Int, $before: String, $search: String, $filter: ClientFilter, $orderBy: ClientOrder) {\n    clients(first: $first, after: $after, last: $last, before: $before, search: $search, filter: $filter, orderBy: $orderBy) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges {\n        node {\n          id\n          name\n          tradeName\n          documentFormatted\n          createdAt\n          archivedAt\n          baitSince\n          products {\n            id\n            suspendedAt\n            nextStep\n            product { id name }\n            marketplaces { id provider health { state reason } }\n          }\n        }\n      }\n    }\n  }\n": types.ClientsDocument,
    "\n  query FindClients($search: String!) {\n    clients(search: $search, first: 8) {\n      edges { node { id name tradeName documentFormatted } }\n    }\n  }\n": types.FindClientsDocument,
    "\n  query ClientOfDocument($document: String!) {\n    active: clients(search: $document, first: 2) {\n      edges { node { id name document } }\n    }\n    archived: clients(search: $document, first: 2, filter: { archived: true }) {\n      edges { node { id name document } }\n    }\n  }\n": types.ClientOfDocumentDocument,
    "\n  query TagsInUse {\n    tagsInUse(first: 100) { tag clients }\n  }\n": types.TagsInUseDocument,
    "\n  query Client($id: ID!) {\n    client(id: $id) {\n      ...ClientFields\n      products {\n        id\n        suspendedAt\n        nextStep\n        backOfficeLastCallAt\n        product { id name capabilities }\n        marketplaces { id provider description health { state reason } }\n        accessKeys { ...AccessKeyFields }\n      }\n    }\n  }\n": types.ClientDocument,
    "\n  fragment ClientFields on Client {\n    id\n    name\n    tradeName\n    document\n    documentFormatted\n    documentKind\n    createdAt\n    updatedAt\n    archivedAt\n    erasedAt\n    baitSince\n    version\n    tags\n  }\n": types.ClientFieldsFragmentDoc,
    "\n  mutation CreateClient($input: CreateClientInput!) {\n    createClient(input: $input) {\n      client { ...ClientFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.CreateClientDocument,
    "\n  mutation UpdateClient($input: UpdateClientInput!) {\n    updateClient(input: $input) {\n      client { ...ClientFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.UpdateClientDocument,
    "\n  mutation ArchiveClient($input: ArchiveClientInput!) {\n    archiveClient(input: $input) {\n      client { id archivedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.ArchiveClientDocument,
    "\n  mutation RestoreClient($input: RestoreClientInput!) {\n    restoreClient(input: $input) {\n      client { id archivedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.RestoreClientDocument,
    "\n  mutation ExportClient($input: ExportClientInput!) {\n    exportClient(input: $input) {\n      content\n      fileName\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.ExportClientDocument,
    "\n  mutation EraseClient($input: EraseClientInput!) {\n    eraseClient(input: $input) {\n      client { ...ClientFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.EraseClientDocument,
    "\n  fragment DueFields on DueItem {\n    kind\n    at\n    withinDays\n    provider\n    message\n    client { id name }\n    marketplace { id description clientProduct { id } }\n    accessKey { id name clientProduct { id } }\n    operator { id name }\n  }\n": types.DueFieldsFragmentDoc,
    "\n  query Due($withinDays: Int!) {\n    due(withinDays: $withinDays) { ...DueFields }\n  }\n": types.DueDocument,
    "\n  fragment FactsFields on MarketplaceHealthFacts {\n    availability\n    downMinutes\n    incidentMinutes\n    broke\n    brokeInIncident\n    meanMinutesToMend\n    longestMinutes\n  }\n": types.FactsFieldsFragmentDoc,
    "\n  fragment HistoryFields on MarketplaceHistory {\n    from\n    to\n    facts { ...FactsFields }\n    days { begins worst downMinutes incidentMinutes }\n  }\n": types.HistoryFieldsFragmentDoc,
    "\n  query ProductHistory($id: ID!, $zone: String!) {\n    node(id: $id) {\n      ... on ClientProduct {\n        marketplaces { id history(zone: $zone) { ...HistoryFields } }\n      }\n    }\n  }\n": types.ProductHistoryDocument,
    "\n  query ClientHistory($id: ID!, $zone: String!) {\n    client(id: $id) { id history(zone: $zone) { ...HistoryFields } }\n  }\n": types.ClientHistoryDocument,
    "\n  query ClientMonth($id: ID!, $from: Time!, $to: Time!, $zone: String!) {\n    client(id: $id) {\n      id\n      name\n      documentFormatted\n      documentKind\n      createdAt\n      erasedAt\n      history(from: $from, to: $to, zone: $zone) { ...HistoryFields }\n      products {\n        id\n        product { name }\n        marketplaces {\n          id\n          provider\n          description\n          createdAt\n          history(from: $from, to: $to, zone: $zone) { ...HistoryFields }\n        }\n      }\n    }\n  }\n": types.ClientMonthDocument,
    "\n  fragment SecretFields on SecretState {\n    setAt\n    setBy\n    expiresAt\n    fingerprint\n  }\n": types.SecretFieldsFragmentDoc,
    "\n  fragment AccountFields on MarketplaceAccount {\n    id\n    name\n    document\n    matchesClient\n    isBranch\n  }\n": types.AccountFieldsFragmentDoc,
    "\n  fragment MarketplaceFields on Marketplace {\n    id\n    provider\n    description\n    createdAt\n    updatedAt\n    version\n    renewedAt\n    unreadAnswerUntil\n    providerMessage\n    technicalDetail\n    health { state reason message since lastCheckedAt nextCheckAt }\n    account { ...AccountFields }\n    installLink { id createdBy expiresAt }\n    config { ...ConfigFields }\n  }\n": types.MarketplaceFieldsFragmentDoc,
    "\n  mutation AddMarketplace($input: AddMarketplaceInput!) {\n    addMarketplace(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.AddMarketplaceDocument,
    "\n  mutation ConnectMarketplace($input: ConnectMarketplaceInput!) {\n    connectMarketplace(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.ConnectMarketplaceDocument,
    "\n  mutation UpdateMarketplace($input: UpdateMarketplaceInput!) {\n    updateMarketplace(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.UpdateMarketplaceDocument,
    "\n  mutation ConfirmShop($input: ConfirmMarketplaceShopInput!) {\n    confirmMarketplaceShop(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.ConfirmShopDocument,
    "\n  mutation RemoveMarketplace($input: RemoveMarketplaceInput!) {\n    removeMarketplace(input: $input) {\n      clientProduct { id nextStep }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.RemoveMarketplaceDocument,
    "\n  fragment MarketplaceTestFields on MarketplaceTest {\n    outcome\n    message\n    providerMessage\n    technicalDetail\n    identityWarning\n    account { ...AccountFields }\n  }\n": types.MarketplaceTestFieldsFragmentDoc,
    "\n  mutation TestMarketplaceConfig($input: TestMarketplaceConfigInput!) {\n    testMarketplaceConfig(input: $input) {\n      result { ...MarketplaceTestFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.TestMarketplaceConfigDocument,
    "\n  mutation TestMarketplace($input: TestMarketplaceInput!) {\n    testMarketplace(input: $input) {\n      result { ...MarketplaceTestFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.TestMarketplaceDocument,
    "\n  query ProviderStatuses {\n    providers { provider configured message installable testable mintable panelUrl }\n  }\n": types.ProviderStatusesDocument,
    "\n  fragment IncidentFields on ProviderIncident {\n    id\n    provider\n    openedAt\n    closedAt\n    affected\n    connections\n    evidence\n  }\n": types.IncidentFieldsFragmentDoc,
    "\n  query OpenIncidents {\n    providerIncidents(first: 20, open: true) { edges { node { ...IncidentFields } } }\n  }\n": types.OpenIncidentsDocument,
    "\n  query IncidentHistory($first: Int!) {\n    providerIncidents(first: $first) {\n      totalCount\n      edges { node { ...IncidentFields } }\n    }\n  }\n": types.IncidentHistoryDocument,
    "\n  mutation StartInstall($input: StartInstallInput!) {\n    startInstall(input: $input) {\n      authorizeUrl\n      expiresAt\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.StartInstallDocument,
    "\n  mutation CreateInstallLink($input: CreateInstallLinkInput!) {\n    createInstallLink(input: $input) {\n      url\n      marketplace { id installLink { id createdBy expiresAt } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.CreateInstallLinkDocument,
    "\n  mutation RevokeInstallLink($input: RevokeInstallLinkInput!) {\n    revokeInstallLink(input: $input) {\n      marketplace { id installLink { id } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.RevokeInstallLinkDocument,
    "\n  query InstallOwner($id: ID!) {\n    client(id: $id) { name }\n  }\n": types.InstallOwnerDocument,
    "\n  fragment UnclaimedFields on UnclaimedInstallation {\n    id\n    provider\n    createdAt\n    account { ...AccountFields }\n    suggestedClient { id name documentFormatted }\n  }\n": types.UnclaimedFieldsFragmentDoc,
    "\n  query UnclaimedInstallations {\n    unclaimedInstallations { ...UnclaimedFields }\n  }\n": types.UnclaimedInstallationsDocument,
    "\n  query ChooseClient($search: String) {\n    clients(search: $search, first: 8) {\n      edges { node { id name documentFormatted } }\n    }\n  }\n": types.ChooseClientDocument,
    "\n  query InstallationTargets($clientId: ID!) {\n    client(id: $clientId) {\n      id\n      products {\n        id\n        suspendedAt\n        product { id name capabilities }\n        marketplaces { id provider description health { reason } }\n      }\n    }\n  }\n": types.InstallationTargetsDocument,
    "\n  mutation AttachInstallation($input: AttachInstallationInput!) {\n    attachInstallation(input: $input) {\n      marketplace { id clientProduct { id client { id } } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.AttachInstallationDocument,
    "\n  mutation DiscardInstallation($input: DiscardInstallationInput!) {\n    discardInstallation(input: $input) {\n      id\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.DiscardInstallationDocument,
    "\n  fragment NoticeFields on ProviderNotice {\n    id\n    provider\n    topic\n    accountId\n    createdAt\n    provenAt\n    marketplace { id description clientProduct { id client { id name } } }\n  }\n": types.NoticeFieldsFragmentDoc,
    "\n  query ProviderNotices {\n    providerNotices { ...NoticeFields }\n  }\n": types.ProviderNoticesDocument,
    "\n  mutation CloseProviderNotice($input: CloseProviderNoticeInput!) {\n    closeProviderNotice(input: $input) {\n      id\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.CloseProviderNoticeDocument,
    "\n  fragment ProviderFields on ProviderStatus {\n    provider\n    configured\n    message\n    houseRefusedAt\n    addresses { topic url }\n    settings {\n      name\n      kind\n      value\n      default\n      choices\n      required\n      source\n      environmentVariable\n      secret { ...SecretFields }\n    }\n  }\n": types.ProviderFieldsFragmentDoc,
    "\n  query ProviderSettings {\n    providers { ...ProviderFields }\n  }\n": types.ProviderSettingsDocument,
    "\n  mutation UpdateProviderSettings($input: UpdateProviderSettingsInput!) {\n    updateProviderSettings(input: $input) {\n      provider { ...ProviderFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.UpdateProviderSettingsDocument,
    "\n  fragment OperatorFields on Operator {\n    id\n    name\n    email\n    role\n    status\n    hasSecondFactor\n    lastLoginAt\n    version\n  }\n": types.OperatorFieldsFragmentDoc,
    "\n  fragment OperatorResult on OperatorPayload {\n    operator { ...OperatorFields }\n    userErrors { ...UserErrorFields }\n  }\n": types.OperatorResultFragmentDoc,
    "\n  fragment OperatorLinkResult on OperatorLinkPayload {\n    operator { ...OperatorFields }\n    link\n    linkExpiresAt\n    userErrors { ...UserErrorFields }\n  }\n": types.OperatorLinkResultFragmentDoc,
    "\n  query Operators($first: Int, $after: String, $last: Int, $before: String) {\n    operators(first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...OperatorFields } }\n    }\n  }\n": types.OperatorsDocument,
    "\n  mutation InviteOperator($input: InviteOperatorInput!) {\n    inviteOperator(input: $input) { ...OperatorLinkResult }\n  }\n": types.InviteOperatorDocument,
    "\n  mutation CreatePasswordLink($input: OperatorInput!) {\n    createPasswordLink(input: $input) { ...OperatorLinkResult }\n  }\n": types.CreatePasswordLinkDocument,
    "\n  mutation UpdateOperator($input: UpdateOperatorInput!) {\n    updateOperator(input: $input) { ...OperatorResult }\n  }\n": types.UpdateOperatorDocument,
    "\n  mutation DisableOperator($input: DisableOperatorInput!) {\n    disableOperator(input: $input) { ...OperatorResult }\n  }\n": types.DisableOperatorDocument,
    "\n  mutation EnableOperator($input: OperatorInput!) {\n    enableOperator(input: $input) { ...OperatorResult }\n  }\n": types.EnableOperatorDocument,
    "\n  mutation EndOperatorSessions($input: OperatorInput!) {\n    endOperatorSessions(input: $input) { ...OperatorResult }\n  }\n": types.EndOperatorSessionsDocument,
    "\n  mutation RemoveSecondFactor($input: OperatorInput!) {\n    removeSecondFactor(input: $input) { ...OperatorResult }\n  }\n": types.RemoveSecondFactorDocument,
    "\n  fragment ProductFields on Product {\n    id\n    code\n    name\n    description\n    capabilities\n    updatedAt\n    version\n  }\n": types.ProductFieldsFragmentDoc,
    "\n  query Products($first: Int, $after: String, $last: Int, $before: String) {\n    products(first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...ProductFields } }\n    }\n  }\n": types.ProductsDocument,
    "\n  mutation CreateProduct($input: CreateProductInput!) {\n    createProduct(input: $input) {\n      product { ...ProductFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.CreateProductDocument,
    "\n  mutation UpdateProduct($input: UpdateProductInput!) {\n    updateProduct(input: $input) {\n      product { ...ProductFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.UpdateProductDocument,
    "\n  query ClientProduct($id: ID!) {\n    node(id: $id) {\n      __typename\n      ... on ClientProduct {\n        id\n        createdAt\n        suspendedAt\n        version\n        nextStep\n        backOfficeLastCallAt\n        client { id name documentFormatted documentKind archivedAt }\n        product { id name description capabilities }\n        marketplaces { ...MarketplaceFields }\n        accessKeys { ...AccessKeyFields }\n      }\n    }\n  }\n": types.ClientProductDocument,
    "\n  mutation AddClientProduct($input: AddClientProductInput!) {\n    addClientProduct(input: $input) {\n      clientProduct { id client { id } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.AddClientProductDocument,
    "\n  mutation SuspendClientProduct($input: SuspendClientProductInput!) {\n    suspendClientProduct(input: $input) {\n      clientProduct { id suspendedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.SuspendClientProductDocument,
    "\n  mutation ResumeClientProduct($input: ResumeClientProductInput!) {\n    resumeClientProduct(input: $input) {\n      clientProduct { id suspendedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.ResumeClientProductDocument,
    "\n  fragment ServiceTokenFields on ServiceToken {\n    id\n    name\n    role\n    scopes\n    addresses\n    visiblePart\n    last4\n    createdAt\n    createdBy\n    expiresAt\n    revokedAt\n    lastUsedAt\n    lastUsedAddress\n    exposedAt\n  }\n": types.ServiceTokenFieldsFragmentDoc,
    "\n  query ServiceTokens($first: Int, $after: String, $last: Int, $before: String) {\n    serviceTokens(first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...ServiceTokenFields } }\n    }\n  }\n": types.ServiceTokensDocument,
    "\n  mutation CreateServiceToken($input: CreateServiceTokenInput!) {\n    createServiceToken(input: $input) {\n      serviceToken { ...ServiceTokenFields }\n      token\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.CreateServiceTokenDocument,
    "\n  mutation RevokeServiceToken($input: RevokeServiceTokenInput!) {\n    revokeServiceToken(input: $input) {\n      serviceToken { ...ServiceTokenFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n": types.RevokeServiceTokenDocument,
    "\n  query SetupRequired {\n    setupRequired\n  }\n": types.SetupRequiredDocument,
    "\n  fragment SecondFactorFields on SecondFactorRequest {\n    ticket\n    methods\n    passkeyOptions\n    passkeysMadeAt\n  }\n": types.SecondFactorFieldsFragmentDoc,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) { ...SessionFields secondFactor { ...SecondFactorFields } }\n  }\n": types.LoginDocument,
    "\n  mutation CompleteLogin($input: CompleteLoginInput!) {\n    completeLogin(input: $input) { ...SessionFields }\n  }\n": types.CompleteLoginDocument,
    "\n  mutation BeginPasskeyLogin {\n    beginPasskeyLogin { ticket options }\n  }\n": types.BeginPasskeyLoginDocument,
    "\n  query PasswordLink($link: String!) {\n    passwordLink(link: $link) { purpose name email minLength }\n  }\n": types.PasswordLinkDocument,
    "\n  mutation SetPassword($input: SetPasswordInput!) {\n    setPassword(input: $input) { ...SessionFields secondFactor { ...SecondFactorFields } }\n  }\n": types.SetPasswordDocument,
    "\n  mutation CreateFirstAdministrator($input: CreateFirstAdministratorInput!) {\n    createFirstAdministrator(input: $input) { ...SessionFields }\n  }\n": types.CreateFirstAdministratorDocument,
    "\n  query ProofMethods {\n    account { totpSince passkeys { id } operator { id hasSecondFactor } }\n  }\n": types.ProofMethodsDocument,
    "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) { ...SessionFields }\n  }\n": types.ReauthenticateDocument,
    "\n  mutation BeginPasskeyReauthentication {\n    beginPasskeyReauthentication { ticket options }\n  }\n": types.BeginPasskeyReauthenticationDocument,
    "\n  subscription Changes {\n    changes { topic clientId clientProductId objectId }\n  }\n": types.ChangesDocument,
    "\n  fragment SessionFields on SessionPayload {\n    accessToken\n    expiresAt\n    operator { id name email role }\n    userErrors { ...UserErrorFields }\n  }\n": types.SessionFieldsFragmentDoc,
    "\n  mutation RefreshSession {\n    refreshSession { ...SessionFields }\n  }\n": types.RefreshSessionDocument,
    "\n  mutation Logout {\n    logout { userErrors { ...UserErrorFields } }\n  }\n": types.LogoutDocument,
    "\n  fragment UserErrorFields on UserError {\n    code\n    field\n    message\n    relatedId\n    edits { at by fields }\n  }\n": types.UserErrorFieldsFragmentDoc,
    "\n  query Home {\n    all: clients(first: 1) { totalCount }\n    problems: clients(first: 5, filter: { hasProblem: true, exceptIncidents: true }, orderBy: { field: TROUBLE, direction: DESC }) {\n      totalCount\n      edges { node { id name documentFormatted } }\n    }\n    keyless: clients(first: 5, filter: { withoutKey: true }) { totalCount edges { node { id name documentFormatted } } }\n    keys: accessKeys(first: 1, filter: { inForce: true }) { totalCount }\n  }\n": types.HomeDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment ConfigFields on MarketplaceConfig {\n  __typename\n  ... on MeuCarrinhoConfig {\n    username\n    password {\n      ...SecretFields\n    }\n  }\n  ... on NuvemshopConfig {\n    storeUrl\n    storeId\n    accessToken {\n      ...SecretFields\n    }\n  }\n  ... on Plug4MarketConfig {\n    accessToken {\n      ...SecretFields\n    }\n    refreshToken {\n      ...SecretFields\n    }\n  }\n  ... on ShowKaseConfig {\n    token {\n      ...SecretFields\n    }\n  }\n}"): typeof import('./graphql').ConfigFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment FoundClient on Client {\n    id\n    name\n    tradeName\n    documentFormatted\n    archivedAt\n    products {\n      id\n      suspendedAt\n      product { id capabilities }\n      marketplaces { id health { state reason } }\n    }\n  }\n"): typeof import('./graphql').FoundClientFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment FoundMarketplace on Marketplace {\n    id\n    provider\n    description\n    health { state reason }\n    clientProduct { id client { id name } }\n  }\n"): typeof import('./graphql').FoundMarketplaceFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment FoundAccessKey on AccessKey {\n    id\n    name\n    visiblePart\n    last4\n    status\n    lastUsedAt\n    expiresAt\n    baitSince\n    clientProduct { id client { id name archivedAt } }\n  }\n"): typeof import('./graphql').FoundAccessKeyFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Find($text: String!) {\n    find(text: $text) {\n      clients { more nodes { ...FoundClient } }\n      marketplaces { more nodes { ...FoundMarketplace } }\n      accessKeys { more nodes { ...FoundAccessKey } }\n      operators { more nodes { id name email status } }\n      serviceTokens { more nodes { id name visiblePart last4 expiresAt revokedAt } }\n    }\n  }\n"): typeof import('./graphql').FindDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Recents($ids: [ID!]!) {\n    nodes(ids: $ids) {\n      __typename\n      ...FoundClient\n      ...FoundMarketplace\n      ...FoundAccessKey\n    }\n  }\n"): typeof import('./graphql').RecentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query MadeKeys($by: ID!) {\n    accessKeys(first: 100, filter: { createdById: $by, inForce: true }) {\n      totalCount\n      edges { node { id name visiblePart clientProduct { client { name } } } }\n    }\n  }\n"): typeof import('./graphql').MadeKeysDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment AccessKeyFields on AccessKey {\n    id\n    name\n    visiblePart\n    last4\n    status\n    createdAt\n    createdBy\n    expiresAt\n    overlapEndsAt\n    revokedAt\n    lastUsedAt\n    lastUsedAddress\n    exposedAt\n    addresses\n    refusedAt\n    refusedAddress\n    baitSince\n    baitUsedAt\n    version\n    replacedBy { id name }\n  }\n"): typeof import('./graphql').AccessKeyFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AccessKeys($first: Int, $after: String, $last: Int, $before: String, $search: String, $filter: AccessKeyFilter, $orderBy: AccessKeyOrder) {\n    accessKeys(first: $first, after: $after, last: $last, before: $before, search: $search, filter: $filter, orderBy: $orderBy) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges {\n        node {\n          ...AccessKeyFields\n          clientProduct {\n            id\n            client { id name documentFormatted }\n            product { id name }\n          }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql').AccessKeysDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateAccessKey($input: CreateAccessKeyInput!) {\n    createAccessKey(input: $input) {\n      accessKey { ...AccessKeyFields }\n      token\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').CreateAccessKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RotateAccessKey($input: RotateAccessKeyInput!) {\n    rotateAccessKey(input: $input) {\n      accessKey { ...AccessKeyFields }\n      token\n      replacedAccessKey { ...AccessKeyFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').RotateAccessKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateAccessKey($input: UpdateAccessKeyInput!) {\n    updateAccessKey(input: $input) {\n      accessKey { ...AccessKeyFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').UpdateAccessKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetBait($input: SetBaitInput!) {\n    setBait(input: $input) {\n      id\n      baitSince\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').SetBaitDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeAccessKey($input: RevokeAccessKeyInput!) {\n    revokeAccessKey(input: $input) {\n      accessKey { id status revokedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').RevokeAccessKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LeakedKey($id: ID!, $since: Time) {\n    node(id: $id) {\n      __typename\n      ... on AccessKey {\n        ...AccessKeyFields\n        clientProduct {\n          id\n          client { id name }\n          product { id name }\n        }\n        readMarketplaces(since: $since) {\n          marketplaceId\n          count\n          addressCount\n          lastAt\n          renewed\n          afterRevocation\n          marketplace { id provider description }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql').LeakedKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment PasskeyFields on Passkey {\n    id\n    name\n    createdAt\n    lastUsedAt\n  }\n"): typeof import('./graphql').PasskeyFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OperatorSessionFields on OperatorSession {\n    id\n    browser\n    address\n    lastBrowser\n    lastAddress\n    movedAt\n    createdAt\n    lastUsedAt\n    expiresAt\n    current\n  }\n"): typeof import('./graphql').OperatorSessionFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OwnAccountFields on Account {\n    operator { id name email role hasSecondFactor version }\n    totpSince\n    recoveryCodesLeft\n    passkeys { ...PasskeyFields }\n    sessions { ...OperatorSessionFields }\n    secondFactorRequired\n    minPasswordLength\n  }\n"): typeof import('./graphql').OwnAccountFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment AccountResult on AccountPayload {\n    account { ...OwnAccountFields }\n    userErrors { ...UserErrorFields }\n  }\n"): typeof import('./graphql').AccountResultFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment SecondFactorResult on SecondFactorPayload {\n    account { ...OwnAccountFields }\n    recoveryCodes\n    userErrors { ...UserErrorFields }\n  }\n"): typeof import('./graphql').SecondFactorResultFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OwnAccount {\n    account { ...OwnAccountFields }\n  }\n"): typeof import('./graphql').OwnAccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment AccountChangeFields on AccountChange {\n    id\n    at\n    by\n    address\n    action\n    fields { field old new }\n  }\n"): typeof import('./graphql').AccountChangeFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AccountChanges {\n    account { changes { ...AccountChangeFields } }\n  }\n"): typeof import('./graphql').AccountChangesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OwnSecondFactor {\n    viewer { id hasSecondFactor }\n  }\n"): typeof import('./graphql').OwnSecondFactorDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateAccount($input: UpdateAccountInput!) {\n    updateAccount(input: $input) { ...AccountResult }\n  }\n"): typeof import('./graphql').UpdateAccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) { ...AccountResult }\n  }\n"): typeof import('./graphql').ChangePasswordDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation BeginTotp {\n    beginTotp { ticket seed address picture }\n  }\n"): typeof import('./graphql').BeginTotpDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ConfirmTotp($input: ConfirmTotpInput!) {\n    confirmTotp(input: $input) { ...SecondFactorResult }\n  }\n"): typeof import('./graphql').ConfirmTotpDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveTotp {\n    removeTotp { ...AccountResult }\n  }\n"): typeof import('./graphql').RemoveTotpDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateRecoveryCodes {\n    createRecoveryCodes { ...SecondFactorResult }\n  }\n"): typeof import('./graphql').CreateRecoveryCodesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation BeginPasskeyRegistration {\n    beginPasskeyRegistration { ticket options }\n  }\n"): typeof import('./graphql').BeginPasskeyRegistrationDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddPasskey($input: AddPasskeyInput!) {\n    addPasskey(input: $input) { ...SecondFactorResult }\n  }\n"): typeof import('./graphql').AddPasskeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemovePasskey($input: RemovePasskeyInput!) {\n    removePasskey(input: $input) { ...AccountResult }\n  }\n"): typeof import('./graphql').RemovePasskeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EndSession($input: EndSessionInput!) {\n    endSession(input: $input) { ...AccountResult }\n  }\n"): typeof import('./graphql').EndSessionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EndOtherSessions {\n    endOtherSessions { ...AccountResult }\n  }\n"): typeof import('./graphql').EndOtherSessionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AuditEvents($first: Int, $after: String, $last: Int, $before: String, $filter: AuditEventFilter) {\n    auditEvents(first: $first, after: $after, last: $last, before: $before, filter: $filter) {\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...AuditEventFields } }\n    }\n  }\n"): typeof import('./graphql').AuditEventsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment AuditEventFields on AuditEvent {\n    id\n    at\n    actor { kind id label }\n    address\n    requestId\n    action\n    object { id name }\n    client { id name erasedAt }\n    changes { field old new }\n  }\n"): typeof import('./graphql').AuditEventFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AuditNames($ids: [ID!]!) {\n    nodes(ids: $ids) {\n      id\n      ... on Client { clientName: name }\n      ... on Operator { operatorName: name }\n      ... on AccessKey { keyName: name }\n    }\n  }\n"): typeof import('./graphql').AuditNamesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AuditClients($search: String!) {\n    clients(search: $search, first: 8) {\n      edges { node { id name documentFormatted } }\n    }\n  }\n"): typeof import('./graphql').AuditClientsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Clients($first: Int, $after: String, $last: Int, $before: String, $search: String, $filter: ClientFilter, $orderBy: ClientOrder) {\n    clients(first: $first, after: $after, last: $last, before: $before, search: $search, filter: $filter, orderBy: $orderBy) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges {\n        node {\n          id\n          name\n          tradeName\n          documentFormatted\n          createdAt\n          archivedAt\n          baitSince\n          products {\n            id\n            suspendedAt\n            nextStep\n            product { id name }\n            marketplaces { id provider health { state reason } }\n          }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql').ClientsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FindClients($search: String!) {\n    clients(search: $search, first: 8) {\n      edges { node { id name tradeName documentFormatted } }\n    }\n  }\n"): typeof import('./graphql').FindClientsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ClientOfDocument($document: String!) {\n    active: clients(search: $document, first: 2) {\n      edges { node { id name document } }\n    }\n    archived: clients(search: $document, first: 2, filter: { archived: true }) {\n      edges { node { id name document } }\n    }\n  }\n"): typeof import('./graphql').ClientOfDocumentDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TagsInUse {\n    tagsInUse(first: 100) { tag clients }\n  }\n"): typeof import('./graphql').TagsInUseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Client($id: ID!) {\n    client(id: $id) {\n      ...ClientFields\n      products {\n        id\n        suspendedAt\n        nextStep\n        backOfficeLastCallAt\n        product { id name capabilities }\n        marketplaces { id provider description health { state reason } }\n        accessKeys { ...AccessKeyFields }\n      }\n    }\n  }\n"): typeof import('./graphql').ClientDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ClientFields on Client {\n    id\n    name\n    tradeName\n    document\n    documentFormatted\n    documentKind\n    createdAt\n    updatedAt\n    archivedAt\n    erasedAt\n    baitSince\n    version\n    tags\n  }\n"): typeof import('./graphql').ClientFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateClient($input: CreateClientInput!) {\n    createClient(input: $input) {\n      client { ...ClientFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').CreateClientDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateClient($input: UpdateClientInput!) {\n    updateClient(input: $input) {\n      client { ...ClientFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').UpdateClientDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ArchiveClient($input: ArchiveClientInput!) {\n    archiveClient(input: $input) {\n      client { id archivedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').ArchiveClientDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RestoreClient($input: RestoreClientInput!) {\n    restoreClient(input: $input) {\n      client { id archivedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').RestoreClientDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ExportClient($input: ExportClientInput!) {\n    exportClient(input: $input) {\n      content\n      fileName\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').ExportClientDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EraseClient($input: EraseClientInput!) {\n    eraseClient(input: $input) {\n      client { ...ClientFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').EraseClientDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment DueFields on DueItem {\n    kind\n    at\n    withinDays\n    provider\n    message\n    client { id name }\n    marketplace { id description clientProduct { id } }\n    accessKey { id name clientProduct { id } }\n    operator { id name }\n  }\n"): typeof import('./graphql').DueFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Due($withinDays: Int!) {\n    due(withinDays: $withinDays) { ...DueFields }\n  }\n"): typeof import('./graphql').DueDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment FactsFields on MarketplaceHealthFacts {\n    availability\n    downMinutes\n    incidentMinutes\n    broke\n    brokeInIncident\n    meanMinutesToMend\n    longestMinutes\n  }\n"): typeof import('./graphql').FactsFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment HistoryFields on MarketplaceHistory {\n    from\n    to\n    facts { ...FactsFields }\n    days { begins worst downMinutes incidentMinutes }\n  }\n"): typeof import('./graphql').HistoryFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ProductHistory($id: ID!, $zone: String!) {\n    node(id: $id) {\n      ... on ClientProduct {\n        marketplaces { id history(zone: $zone) { ...HistoryFields } }\n      }\n    }\n  }\n"): typeof import('./graphql').ProductHistoryDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ClientHistory($id: ID!, $zone: String!) {\n    client(id: $id) { id history(zone: $zone) { ...HistoryFields } }\n  }\n"): typeof import('./graphql').ClientHistoryDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ClientMonth($id: ID!, $from: Time!, $to: Time!, $zone: String!) {\n    client(id: $id) {\n      id\n      name\n      documentFormatted\n      documentKind\n      createdAt\n      erasedAt\n      history(from: $from, to: $to, zone: $zone) { ...HistoryFields }\n      products {\n        id\n        product { name }\n        marketplaces {\n          id\n          provider\n          description\n          createdAt\n          history(from: $from, to: $to, zone: $zone) { ...HistoryFields }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql').ClientMonthDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment SecretFields on SecretState {\n    setAt\n    setBy\n    expiresAt\n    fingerprint\n  }\n"): typeof import('./graphql').SecretFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment AccountFields on MarketplaceAccount {\n    id\n    name\n    document\n    matchesClient\n    isBranch\n  }\n"): typeof import('./graphql').AccountFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment MarketplaceFields on Marketplace {\n    id\n    provider\n    description\n    createdAt\n    updatedAt\n    version\n    renewedAt\n    unreadAnswerUntil\n    providerMessage\n    technicalDetail\n    health { state reason message since lastCheckedAt nextCheckAt }\n    account { ...AccountFields }\n    installLink { id createdBy expiresAt }\n    config { ...ConfigFields }\n  }\n"): typeof import('./graphql').MarketplaceFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddMarketplace($input: AddMarketplaceInput!) {\n    addMarketplace(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').AddMarketplaceDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ConnectMarketplace($input: ConnectMarketplaceInput!) {\n    connectMarketplace(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').ConnectMarketplaceDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateMarketplace($input: UpdateMarketplaceInput!) {\n    updateMarketplace(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').UpdateMarketplaceDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ConfirmShop($input: ConfirmMarketplaceShopInput!) {\n    confirmMarketplaceShop(input: $input) {\n      marketplace { ...MarketplaceFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').ConfirmShopDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveMarketplace($input: RemoveMarketplaceInput!) {\n    removeMarketplace(input: $input) {\n      clientProduct { id nextStep }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').RemoveMarketplaceDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment MarketplaceTestFields on MarketplaceTest {\n    outcome\n    message\n    providerMessage\n    technicalDetail\n    identityWarning\n    account { ...AccountFields }\n  }\n"): typeof import('./graphql').MarketplaceTestFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestMarketplaceConfig($input: TestMarketplaceConfigInput!) {\n    testMarketplaceConfig(input: $input) {\n      result { ...MarketplaceTestFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').TestMarketplaceConfigDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestMarketplace($input: TestMarketplaceInput!) {\n    testMarketplace(input: $input) {\n      result { ...MarketplaceTestFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').TestMarketplaceDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ProviderStatuses {\n    providers { provider configured message installable testable mintable panelUrl }\n  }\n"): typeof import('./graphql').ProviderStatusesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment IncidentFields on ProviderIncident {\n    id\n    provider\n    openedAt\n    closedAt\n    affected\n    connections\n    evidence\n  }\n"): typeof import('./graphql').IncidentFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OpenIncidents {\n    providerIncidents(first: 20, open: true) { edges { node { ...IncidentFields } } }\n  }\n"): typeof import('./graphql').OpenIncidentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query IncidentHistory($first: Int!) {\n    providerIncidents(first: $first) {\n      totalCount\n      edges { node { ...IncidentFields } }\n    }\n  }\n"): typeof import('./graphql').IncidentHistoryDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StartInstall($input: StartInstallInput!) {\n    startInstall(input: $input) {\n      authorizeUrl\n      expiresAt\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').StartInstallDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateInstallLink($input: CreateInstallLinkInput!) {\n    createInstallLink(input: $input) {\n      url\n      marketplace { id installLink { id createdBy expiresAt } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').CreateInstallLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeInstallLink($input: RevokeInstallLinkInput!) {\n    revokeInstallLink(input: $input) {\n      marketplace { id installLink { id } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').RevokeInstallLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query InstallOwner($id: ID!) {\n    client(id: $id) { name }\n  }\n"): typeof import('./graphql').InstallOwnerDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment UnclaimedFields on UnclaimedInstallation {\n    id\n    provider\n    createdAt\n    account { ...AccountFields }\n    suggestedClient { id name documentFormatted }\n  }\n"): typeof import('./graphql').UnclaimedFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query UnclaimedInstallations {\n    unclaimedInstallations { ...UnclaimedFields }\n  }\n"): typeof import('./graphql').UnclaimedInstallationsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ChooseClient($search: String) {\n    clients(search: $search, first: 8) {\n      edges { node { id name documentFormatted } }\n    }\n  }\n"): typeof import('./graphql').ChooseClientDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query InstallationTargets($clientId: ID!) {\n    client(id: $clientId) {\n      id\n      products {\n        id\n        suspendedAt\n        product { id name capabilities }\n        marketplaces { id provider description health { reason } }\n      }\n    }\n  }\n"): typeof import('./graphql').InstallationTargetsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AttachInstallation($input: AttachInstallationInput!) {\n    attachInstallation(input: $input) {\n      marketplace { id clientProduct { id client { id } } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').AttachInstallationDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DiscardInstallation($input: DiscardInstallationInput!) {\n    discardInstallation(input: $input) {\n      id\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').DiscardInstallationDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment NoticeFields on ProviderNotice {\n    id\n    provider\n    topic\n    accountId\n    createdAt\n    provenAt\n    marketplace { id description clientProduct { id client { id name } } }\n  }\n"): typeof import('./graphql').NoticeFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ProviderNotices {\n    providerNotices { ...NoticeFields }\n  }\n"): typeof import('./graphql').ProviderNoticesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CloseProviderNotice($input: CloseProviderNoticeInput!) {\n    closeProviderNotice(input: $input) {\n      id\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').CloseProviderNoticeDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ProviderFields on ProviderStatus {\n    provider\n    configured\n    message\n    houseRefusedAt\n    addresses { topic url }\n    settings {\n      name\n      kind\n      value\n      default\n      choices\n      required\n      source\n      environmentVariable\n      secret { ...SecretFields }\n    }\n  }\n"): typeof import('./graphql').ProviderFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ProviderSettings {\n    providers { ...ProviderFields }\n  }\n"): typeof import('./graphql').ProviderSettingsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateProviderSettings($input: UpdateProviderSettingsInput!) {\n    updateProviderSettings(input: $input) {\n      provider { ...ProviderFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').UpdateProviderSettingsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OperatorFields on Operator {\n    id\n    name\n    email\n    role\n    status\n    hasSecondFactor\n    lastLoginAt\n    version\n  }\n"): typeof import('./graphql').OperatorFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OperatorResult on OperatorPayload {\n    operator { ...OperatorFields }\n    userErrors { ...UserErrorFields }\n  }\n"): typeof import('./graphql').OperatorResultFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OperatorLinkResult on OperatorLinkPayload {\n    operator { ...OperatorFields }\n    link\n    linkExpiresAt\n    userErrors { ...UserErrorFields }\n  }\n"): typeof import('./graphql').OperatorLinkResultFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Operators($first: Int, $after: String, $last: Int, $before: String) {\n    operators(first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...OperatorFields } }\n    }\n  }\n"): typeof import('./graphql').OperatorsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation InviteOperator($input: InviteOperatorInput!) {\n    inviteOperator(input: $input) { ...OperatorLinkResult }\n  }\n"): typeof import('./graphql').InviteOperatorDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreatePasswordLink($input: OperatorInput!) {\n    createPasswordLink(input: $input) { ...OperatorLinkResult }\n  }\n"): typeof import('./graphql').CreatePasswordLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateOperator($input: UpdateOperatorInput!) {\n    updateOperator(input: $input) { ...OperatorResult }\n  }\n"): typeof import('./graphql').UpdateOperatorDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DisableOperator($input: DisableOperatorInput!) {\n    disableOperator(input: $input) { ...OperatorResult }\n  }\n"): typeof import('./graphql').DisableOperatorDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EnableOperator($input: OperatorInput!) {\n    enableOperator(input: $input) { ...OperatorResult }\n  }\n"): typeof import('./graphql').EnableOperatorDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EndOperatorSessions($input: OperatorInput!) {\n    endOperatorSessions(input: $input) { ...OperatorResult }\n  }\n"): typeof import('./graphql').EndOperatorSessionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveSecondFactor($input: OperatorInput!) {\n    removeSecondFactor(input: $input) { ...OperatorResult }\n  }\n"): typeof import('./graphql').RemoveSecondFactorDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ProductFields on Product {\n    id\n    code\n    name\n    description\n    capabilities\n    updatedAt\n    version\n  }\n"): typeof import('./graphql').ProductFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Products($first: Int, $after: String, $last: Int, $before: String) {\n    products(first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...ProductFields } }\n    }\n  }\n"): typeof import('./graphql').ProductsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateProduct($input: CreateProductInput!) {\n    createProduct(input: $input) {\n      product { ...ProductFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').CreateProductDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateProduct($input: UpdateProductInput!) {\n    updateProduct(input: $input) {\n      product { ...ProductFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').UpdateProductDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ClientProduct($id: ID!) {\n    node(id: $id) {\n      __typename\n      ... on ClientProduct {\n        id\n        createdAt\n        suspendedAt\n        version\n        nextStep\n        backOfficeLastCallAt\n        client { id name documentFormatted documentKind archivedAt }\n        product { id name description capabilities }\n        marketplaces { ...MarketplaceFields }\n        accessKeys { ...AccessKeyFields }\n      }\n    }\n  }\n"): typeof import('./graphql').ClientProductDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddClientProduct($input: AddClientProductInput!) {\n    addClientProduct(input: $input) {\n      clientProduct { id client { id } }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').AddClientProductDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SuspendClientProduct($input: SuspendClientProductInput!) {\n    suspendClientProduct(input: $input) {\n      clientProduct { id suspendedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').SuspendClientProductDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResumeClientProduct($input: ResumeClientProductInput!) {\n    resumeClientProduct(input: $input) {\n      clientProduct { id suspendedAt }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').ResumeClientProductDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ServiceTokenFields on ServiceToken {\n    id\n    name\n    role\n    scopes\n    addresses\n    visiblePart\n    last4\n    createdAt\n    createdBy\n    expiresAt\n    revokedAt\n    lastUsedAt\n    lastUsedAddress\n    exposedAt\n  }\n"): typeof import('./graphql').ServiceTokenFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ServiceTokens($first: Int, $after: String, $last: Int, $before: String) {\n    serviceTokens(first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      edges { node { ...ServiceTokenFields } }\n    }\n  }\n"): typeof import('./graphql').ServiceTokensDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateServiceToken($input: CreateServiceTokenInput!) {\n    createServiceToken(input: $input) {\n      serviceToken { ...ServiceTokenFields }\n      token\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').CreateServiceTokenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeServiceToken($input: RevokeServiceTokenInput!) {\n    revokeServiceToken(input: $input) {\n      serviceToken { ...ServiceTokenFields }\n      userErrors { ...UserErrorFields }\n    }\n  }\n"): typeof import('./graphql').RevokeServiceTokenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SetupRequired {\n    setupRequired\n  }\n"): typeof import('./graphql').SetupRequiredDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment SecondFactorFields on SecondFactorRequest {\n    ticket\n    methods\n    passkeyOptions\n    passkeysMadeAt\n  }\n"): typeof import('./graphql').SecondFactorFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) { ...SessionFields secondFactor { ...SecondFactorFields } }\n  }\n"): typeof import('./graphql').LoginDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CompleteLogin($input: CompleteLoginInput!) {\n    completeLogin(input: $input) { ...SessionFields }\n  }\n"): typeof import('./graphql').CompleteLoginDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation BeginPasskeyLogin {\n    beginPasskeyLogin { ticket options }\n  }\n"): typeof import('./graphql').BeginPasskeyLoginDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PasswordLink($link: String!) {\n    passwordLink(link: $link) { purpose name email minLength }\n  }\n"): typeof import('./graphql').PasswordLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetPassword($input: SetPasswordInput!) {\n    setPassword(input: $input) { ...SessionFields secondFactor { ...SecondFactorFields } }\n  }\n"): typeof import('./graphql').SetPasswordDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateFirstAdministrator($input: CreateFirstAdministratorInput!) {\n    createFirstAdministrator(input: $input) { ...SessionFields }\n  }\n"): typeof import('./graphql').CreateFirstAdministratorDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ProofMethods {\n    account { totpSince passkeys { id } operator { id hasSecondFactor } }\n  }\n"): typeof import('./graphql').ProofMethodsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) { ...SessionFields }\n  }\n"): typeof import('./graphql').ReauthenticateDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation BeginPasskeyReauthentication {\n    beginPasskeyReauthentication { ticket options }\n  }\n"): typeof import('./graphql').BeginPasskeyReauthenticationDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Changes {\n    changes { topic clientId clientProductId objectId }\n  }\n"): typeof import('./graphql').ChangesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment SessionFields on SessionPayload {\n    accessToken\n    expiresAt\n    operator { id name email role }\n    userErrors { ...UserErrorFields }\n  }\n"): typeof import('./graphql').SessionFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RefreshSession {\n    refreshSession { ...SessionFields }\n  }\n"): typeof import('./graphql').RefreshSessionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Logout {\n    logout { userErrors { ...UserErrorFields } }\n  }\n"): typeof import('./graphql').LogoutDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment UserErrorFields on UserError {\n    code\n    field\n    message\n    relatedId\n    edits { at by fields }\n  }\n"): typeof import('./graphql').UserErrorFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Home {\n    all: clients(first: 1) { totalCount }\n    problems: clients(first: 5, filter: { hasProblem: true, exceptIncidents: true }, orderBy: { field: TROUBLE, direction: DESC }) {\n      totalCount\n      edges { node { id name documentFormatted } }\n    }\n    keyless: clients(first: 5, filter: { withoutKey: true }) { totalCount edges { node { id name documentFormatted } } }\n    keys: accessKeys(first: 1, filter: { inForce: true }) { totalCount }\n  }\n"): typeof import('./graphql').HomeDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

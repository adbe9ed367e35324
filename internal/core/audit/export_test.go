package audit

// ExportPage is exportPage.
const ExportPage = exportPage

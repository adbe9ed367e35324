package retention

// Believe is believe.
var Believe = believe

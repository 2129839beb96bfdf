package cost

// Prices are in US dollars.
type Prices struct {
	AppSyncMillion  float64 `json:"appSyncMillion"`  // a million queries
	TransferGB      float64 `json:"transferGB"`      // a gibibyte that AppSync sends out of AWS
	LambdaMillion   float64 `json:"lambdaMillion"`   // a million invocations
	LambdaGBSecond  float64 `json:"lambdaGBSecond"`  // arm64
	MomentoMillion  float64 `json:"momentoMillion"`  // a million operations
	ReadUnitMillion float64 `json:"readUnitMillion"` // a million read units of DynamoDB, on demand
}

// DefaultPrices are list prices of us-east-1 without a free tier, as published copies of aws.amazon.com/appsync/pricing, /lambda/pricing and /dynamodb/pricing had them in November 2026. Momento
// publishes none for an operation: its own is what $0.50 a gigabyte, its former price, comes to. Take yours.
var DefaultPrices = Prices{AppSyncMillion: 4, TransferGB: 0.09, LambdaMillion: 0.20, LambdaGBSecond: 0.0000133334, MomentoMillion: 0.50, ReadUnitMillion: 0.125}

// Quotas are what an account may use, in its Region.
type Quotas struct {
	Tokens       float64 `json:"tokens"`       // AppSync's request tokens a second
	Concurrency  float64 `json:"concurrency"`  // environments of Lambda
	Operations   float64 `json:"operations"`   // Momento's a second
	StorageBytes float64 `json:"storageBytes"` // Momento's
}

// DefaultQuotas are those of a new account: tokens are 10,000 in the large Regions, Momento's are on demand.
var DefaultQuotas = Quotas{Tokens: 5000, Concurrency: 1000, Operations: 100, StorageBytes: 100e6}

// invocationsPerEnvironment: Lambda lets ten times its concurrency through in a second, however short the invocations are.
const invocationsPerEnvironment = 10

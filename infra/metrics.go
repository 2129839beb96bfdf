package infra

// metric is one of CloudWatch's. The dimensions' values are texts of Fn::Sub.
type metric struct {
	Namespace, Name string
	Dimensions      []dimension
}

type dimension struct{ Name, Value string }

// ours is a metric that the functions write themselves: see docs/operations.md, Logs and metrics.
func ours(function, name string) metric {
	return metric{"chunkaside", name, []dimension{{"service", "${AWS::StackName}-" + function}, {"catalog", "${Catalog}"}}}
}

// lambda is a metric of a function's alias, through which all invocations come.
func lambda(function, name string) metric {
	return metric{"AWS/Lambda", name, []dimension{{"FunctionName", "${" + function + "}"}, {"Resource", "${" + function + "}:live"}}}
}

// callers is a metric of the API that callers ask.
func (d *deployment) callers(name string) metric {
	id := map[API]string{Full: "${Api.ApiId}", Source: "${MergedApiId}", Functions: "${ExistingApiId}"}[d.API]
	return metric{"AWS/AppSync", name, []dimension{{"GraphQLAPIId", id}}}
}

// tokens are those of the whole account in this Region: AppSync's quota is no API's own.
var tokens = metric{Namespace: "AWS/AppSync", Name: "TokensConsumed"}

// table is a metric of a table.
func table(m model, name string) metric {
	return metric{"AWS/DynamoDB", name, []dimension{{"TableName", m.Table + "${TableSuffix}"}}}
}

// queue is a metric of the queue of what was given up.
func queue(name string) metric {
	return metric{"AWS/SQS", name, []dimension{{"QueueName", "${GivenUp.QueueName}"}}}
}

// query is an entry of an alarm's list, or a line of the dashboard: a metric in one statistic, or an expression over others.
type query struct {
	ID, Label  string
	Metric     metric
	Statistic  string
	Period     int // seconds
	Expression string
	Shown      bool // the alarm's value, the dashboard's line
}

// Parametric says that a parameter is part of the statistic.
func (q query) Parametric() bool { return len(q.Statistic) > 2 && q.Statistic[:2] == "PR" }

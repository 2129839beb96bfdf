// Package endtoend tests the whole path of an edit, with both Lambda functions as they are deployed:
//
//	a record is put -> the table's stream -> the warmer publishes -> a subscription hears of it, and a query has it
//
// The functions are processes behind the Lambda runtime API (lambdatest), the table is one of moto or DynamoDB Local, what reads its stream and calls the warmer is streamtest, the cache is
// Momento's fake, and the local AppSync stands in front. All of it is in the tests' files: house_test.go puts it together, visible_test.go measures it, demo_test.go shows it to a person.
package endtoend

package warmer

import (
	"context"
	"net/url"
	"path"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/chunkaside/chunkaside/warmer/export"
)

// object is one of S3, and whether it is new.
type object struct {
	bucket, key string
	created     bool
}

// String is such as s3://exports/daily/AWSDynamoDB/01-a/manifest-summary.md5.
func (o object) String() string { return "s3://" + o.bucket + "/" + o.key }

// bucket is what an event of S3 asks for, which comes for each object: nothing, unless it is the last one of an export.
func (w *Warmer) bucket(ctx context.Context, e event) (request, error) {
	objects, err := objectsOf(e)
	if err != nil {
		return request{}, err
	}
	var all request
	for _, o := range objects {
		folder, name := path.Split(o.key)
		if name != export.Last || !o.created {
			w.options.Log.InfoContext(ctx, "an object that does not complete an export is skipped", "object", o.String(), "completes", export.Last)
			all.skipped++
			continue
		}
		r, err := w.exported(ctx, o.bucket, folder)
		if err != nil {
			return request{}, err
		}
		all.join(r)
	}
	return all, nil
}

// objectsOf are those that an event names, in either form: S3's own, or that of EventBridge.
func objectsOf(e event) ([]object, error) {
	switch {
	case e.has("detail-type"):
		return bridgedObject(e)
	case e.has("Records"):
		return notifiedObjects(e)
	}
	return nil, nil // a test of the notification's own: see trigger
}

// bridgedObject is the object of an event of EventBridge, which has the key as it is.
func bridgedObject(e event) ([]object, error) {
	var detail struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key string `json:"key"`
		} `json:"object"`
	}
	if err := json.Unmarshal(e["detail"], &detail); err != nil {
		return nil, badf("the event's detail cannot be read: %s", reason(err))
	}
	return []object{{detail.Bucket.Name, detail.Object.Key, e.text("detail-type") == "Object Created"}}, nil
}

// notifiedObjects are those of S3's own event, which has keys as they stand in URLs.
func notifiedObjects(e event) ([]object, error) {
	var records []struct {
		Name string `json:"eventName"`
		S3   struct {
			Bucket struct {
				Name string `json:"name"`
			} `json:"bucket"`
			Object struct {
				Key string `json:"key"`
			} `json:"object"`
		} `json:"s3"`
	}
	if err := e.records(&records); err != nil {
		return nil, err
	}
	objects := make([]object, len(records))
	for i, r := range records {
		key, err := url.QueryUnescape(r.S3.Object.Key)
		if err != nil {
			return nil, badf("the key %q of a record of S3 cannot be read", r.S3.Object.Key)
		}
		objects[i] = object{r.S3.Bucket.Name, key, strings.HasPrefix(r.Name, "ObjectCreated:")}
	}
	return objects, nil
}

package streamtest

import (
	"context"
	"encoding/json"
)

// Stream reads a table's stream from its beginning. One goroutine at a time may read it.
type Stream struct {
	tables Tables
	arn    string
	seen   map[string]bool // the shards that have been opened
	open   []string        // the iterators of those that are not read to their end
	known  bool            // none has ended since the stream was last asked for its shards
}

// Record is a change as an event has it, and its sequence number.
type Record struct {
	Sequence string
	JSON     json.RawMessage
}

// Read returns what has come since the last call, the oldest first; nothing if that is none.
func (s *Stream) Read(ctx context.Context) (records []Record, err error) {
	if !s.known {
		if err := s.openShards(ctx); err != nil {
			return nil, err
		}
	}
	var left []string
	for _, iterator := range s.open {
		var out struct {
			Records           []map[string]json.RawMessage
			NextShardIterator string
		}
		if err := s.tables.call(ctx, streams+"GetRecords", map[string]any{"ShardIterator": iterator}, &out); err != nil {
			return nil, err
		}
		for _, fields := range out.Records {
			r, err := s.record(fields)
			if err != nil {
				return nil, err
			}
			records = append(records, r)
		}
		if out.NextShardIterator != "" {
			left = append(left, out.NextShardIterator)
		}
	}
	s.known = len(left) > 0 && len(left) == len(s.open)
	s.open = left
	return records, nil
}

// openShards opens those that are new: they go on where closed ones, which are their parents, have ended.
func (s *Stream) openShards(ctx context.Context) error {
	var out struct {
		StreamDescription struct{ Shards []struct{ ShardID string } }
	}
	if err := s.tables.call(ctx, streams+"DescribeStream", map[string]any{"StreamArn": s.arn}, &out); err != nil {
		return err
	}
	for _, shard := range out.StreamDescription.Shards {
		if s.seen[shard.ShardID] {
			continue
		}
		var opened struct{ ShardIterator string }
		err := s.tables.call(ctx, streams+"GetShardIterator", map[string]any{"StreamArn": s.arn, "ShardId": shard.ShardID, "ShardIteratorType": "TRIM_HORIZON"}, &opened)
		if err != nil {
			return err
		}
		s.seen[shard.ShardID] = true
		s.open = append(s.open, opened.ShardIterator)
	}
	s.known = true
	return nil
}

// record adds what an event says and a stream does not: which stream it is.
func (s *Stream) record(fields map[string]json.RawMessage) (r Record, err error) {
	var change struct{ SequenceNumber string }
	if err := json.Unmarshal(fields["dynamodb"], &change); err != nil {
		return r, err
	}
	if fields["eventSourceARN"], err = json.Marshal(s.arn); err != nil {
		return r, err
	}
	r.Sequence = change.SequenceNumber
	r.JSON, err = json.Marshal(fields)
	return r, err
}

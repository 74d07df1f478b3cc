// Asynq: submits jobs, then completes them, with many operations in flight. See ../compare.py.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
)

func number(i int) int {
	n, err := strconv.Atoi(os.Args[i])
	if err != nil {
		panic(err)
	}
	return n
}

func submit(client *asynq.Client, count, inFlight int) []float64 {
	var next atomic.Int64
	times := make([]float64, count)
	var lanes sync.WaitGroup
	payload := []byte(strings.Repeat("x", 100))
	for lane := 0; lane < inFlight; lane++ {
		lanes.Add(1)
		go func() {
			defer lanes.Done()
			for i := next.Add(1) - 1; i < int64(count); i = next.Add(1) - 1 {
				begun := time.Now()
				if _, err := client.Enqueue(asynq.NewTask("job", payload), asynq.Retention(time.Hour)); err != nil {
					panic(err)
				}
				times[i] = time.Since(begun).Seconds() * 1000
			}
		}()
	}
	lanes.Wait()
	return times
}

func main() {
	redis := asynq.RedisClientOpt{Addr: "127.0.0.1:" + os.Args[1], PoolSize: number(4)}
	queued, jobs, inFlight := number(2), number(3), number(4)
	client := asynq.NewClient(redis)
	submit(client, queued, inFlight)
	begin := time.Now()
	times := submit(client, jobs, inFlight)
	submitting := time.Since(begin).Seconds()

	var done atomic.Int64
	ended := make(chan struct{})
	server := asynq.NewServer(redis, asynq.Config{Concurrency: inFlight, LogLevel: asynq.FatalLevel})
	begin = time.Now()
	if err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		if done.Add(1) == int64(jobs) {
			close(ended)
		}
		return nil
	})); err != nil {
		panic(err)
	}
	<-ended
	working := time.Since(begin).Seconds()
	sort.Float64s(times)
	out, _ := json.Marshal(map[string]any{
		"queue":               "asynq",
		"submit_per_second":   int(float64(jobs) / submitting),
		"submit_p99_ms":       times[int(0.99*float64(jobs-1))],
		"complete_per_second": int(float64(jobs) / working),
		"path_per_second":     int(float64(jobs) / (submitting + working)),
	})
	fmt.Println(string(out))
	os.Exit(0)
}

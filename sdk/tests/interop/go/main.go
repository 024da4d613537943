// The other side of interop_test.cpp: a worker of Temporal's Go SDK.
//
//	peer ADDRESS QUEUE       works on QUEUE until standard input ends
//
// Its activities are called by workflows in C++; its workflow calls activities in C++, on the queue it is
// given.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const (
	patience  = 20 * time.Second
	heartbeat = 5 * time.Second
	beat      = 50 * time.Millisecond
	throttle  = 100 * time.Millisecond
)

type Order struct {
	OrderID string   `json:"order_id"`
	Amount  int      `json:"amount"`
	Tags    []string `json:"tags"`
	Note    *string  `json:"note"`
	Ratio   float64  `json:"ratio"`
}

// Told is what the workflow in Go saw of activities in C++.
type Told struct {
	Order               Order  `json:"order"`
	Tenant              string `json:"tenant"`
	FailureType         string `json:"failure_type"`
	FailureMessage      string `json:"failure_message"`
	FailureDetails      []int  `json:"failure_details"`
	FailureNonRetryable bool   `json:"failure_non_retryable"`
	CauseType           string `json:"cause_type"`
	Canceled            bool   `json:"canceled"`
}

// Activities are called by workflows in C++.
type Activities struct {
	client  client.Client
	mutex   sync.Mutex
	waiting map[string]string
}

type ShelfError struct{}

func (ShelfError) Error() string { return "no such shelf" }

func (*Activities) Raise(order Order) (Order, error) {
	order.Amount++
	order.Tags = append(order.Tags, "고")
	return order, nil
}

func (*Activities) Fail(item string) error {
	return temporal.NewApplicationErrorWithOptions(item+" is out of stock", "OutOfStock",
		temporal.ApplicationErrorOptions{NonRetryable: true, Cause: ShelfError{}, Details: []any{3}})
}

func (*Activities) Tenant(ctx context.Context) (string, error) {
	tenant, _ := ctx.Value(tenantKey{}).(string)
	return tenant, nil
}

// Wait waits until it is cancelled; a signal tells its workflow that it waits.
func (a *Activities) Wait(ctx context.Context, name string) error {
	a.note(name, "waits")
	err := a.client.SignalWorkflow(ctx, activity.GetInfo(ctx).WorkflowExecution.ID, "", "waits", nil)
	if err != nil {
		return err
	}
	beats := time.NewTicker(beat)
	defer beats.Stop()
	for {
		select {
		case <-beats.C:
			activity.RecordHeartbeat(ctx)
		case <-ctx.Done():
			a.note(name, "canceled")
			return ctx.Err()
		}
	}
}

func (a *Activities) Waited(name string) (string, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.waiting[name], nil
}

func (a *Activities) note(name, what string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.waiting[name] = what
}

func PeerCaller(ctx workflow.Context, queue string) (Told, error) {
	ctx = workflow.WithActivityOptions(
		ctx, workflow.ActivityOptions{TaskQueue: queue, StartToCloseTimeout: patience})
	var told Told
	order := Order{OrderID: "order-7", Amount: 12, Tags: []string{"a"}}
	if err := workflow.ExecuteActivity(ctx, "cpp_raise", order).Get(ctx, &told.Order); err != nil {
		return told, err
	}
	if err := workflow.ExecuteActivity(ctx, "cpp_tenant").Get(ctx, &told.Tenant); err != nil {
		return told, err
	}
	failed := workflow.ExecuteActivity(ctx, "cpp_fail", "book").Get(ctx, nil)
	var failure, cause *temporal.ApplicationError
	if !errors.As(failed, &failure) || !errors.As(failure.Unwrap(), &cause) {
		return told, fmt.Errorf("cpp_fail ended with %w", failed)
	}
	var detail int
	if err := failure.Details(&detail); err != nil {
		return told, err
	}
	told.FailureType = failure.Type()
	told.FailureMessage = failure.Message()
	told.FailureDetails = []int{detail}
	told.FailureNonRetryable = failure.NonRetryable()
	told.CauseType = cause.Type()
	told.Canceled = canceled(ctx)
	return told, nil
}

func canceled(ctx workflow.Context) bool {
	options := workflow.GetActivityOptions(ctx)
	options.HeartbeatTimeout = heartbeat
	options.WaitForCancellation = true
	scope, cancel := workflow.WithCancel(workflow.WithActivityOptions(ctx, options))
	waiting := workflow.ExecuteActivity(scope, "cpp_wait")
	workflow.GetSignalChannel(ctx, "waits").Receive(ctx, nil)
	cancel()
	return temporal.IsCanceledError(waiting.Get(ctx, nil))
}

// Tenant takes the header "tenant" to activities, and sends "red" along.
type Tenant struct {
	interceptor.WorkerInterceptorBase
}
type tenantKey struct{}

func (*Tenant) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	inbound := &ofActivity{}
	inbound.Next = next
	return inbound
}

func (*Tenant) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	inbound := &ofWorkflow{}
	inbound.Next = next
	return inbound
}

type ofActivity struct {
	interceptor.ActivityInboundInterceptorBase
}

func (a *ofActivity) ExecuteActivity(
	ctx context.Context, in *interceptor.ExecuteActivityInput,
) (any, error) {
	var tenant string
	if header := interceptor.Header(ctx)["tenant"]; header != nil {
		if err := payloads().FromPayload(header, &tenant); err != nil {
			return nil, err
		}
	}
	return a.Next.ExecuteActivity(context.WithValue(ctx, tenantKey{}, tenant), in)
}

type ofWorkflow struct {
	interceptor.WorkflowInboundInterceptorBase
}

func (w *ofWorkflow) Init(outbound interceptor.WorkflowOutboundInterceptor) error {
	red, err := payloads().ToPayload("red")
	if err != nil {
		return err
	}
	calls := &callsOfWorkflow{tenant: red}
	calls.Next = outbound
	return w.Next.Init(calls)
}

type callsOfWorkflow struct {
	interceptor.WorkflowOutboundInterceptorBase
	tenant *commonpb.Payload
}

func (c *callsOfWorkflow) ExecuteActivity(
	ctx workflow.Context, activityType string, args ...any,
) workflow.Future {
	interceptor.WorkflowHeader(ctx)["tenant"] = c.tenant
	return c.Next.ExecuteActivity(ctx, activityType, args...)
}

func payloads() converter.DataConverter { return converter.GetDefaultDataConverter() }

func run(address, queue string) error {
	logger := log.NewStructuredLogger(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	connected, err := client.Dial(client.Options{HostPort: address, Logger: logger})
	if err != nil {
		return err
	}
	defer connected.Close()
	activities := &Activities{client: connected, waiting: map[string]string{}}
	works := worker.New(connected, queue, worker.Options{
		MaxHeartbeatThrottleInterval:     throttle,
		DefaultHeartbeatThrottleInterval: throttle,
		Interceptors:                     []interceptor.WorkerInterceptor{&Tenant{}},
	})
	works.RegisterWorkflow(PeerCaller)
	for name, function := range map[string]any{
		"peer_raise":  activities.Raise,
		"peer_fail":   activities.Fail,
		"peer_tenant": activities.Tenant,
		"peer_wait":   activities.Wait,
		"peer_waited": activities.Waited,
	} {
		works.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: name})
	}
	if err := works.Start(); err != nil {
		return err
	}
	defer works.Stop()
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "peer ADDRESS QUEUE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

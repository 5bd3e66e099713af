package operate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/ai-platform/manifests/internal/apitype"
	"github.com/ai-platform/manifests/operate/internal/changes"
)

// Field managers of those who apply. Argo CD and Flux take over fields that others have set.
const (
	kubectlManager    = "kubectl"
	clientSideManager = "kubectl-client-side-apply"
	argoCDManager     = "argocd-controller"
	fluxManager       = "kustomize-controller"
)

// lastApplied is the annotation in which kubectl notes what it applied client-side.
const lastApplied = apitype.LastApplied

// dryRun asks the API server what applying would give.
type dryRun struct {
	serverSide bool   // For every object, whoever applied it.
	manager    string // With serverSide.
}

// change compares an object with the result. If the API server refuses that, the comparison is with the declared fields.
func (d dryRun) change(ctx context.Context, in dynamic.ResourceInterface, live, declared *unstructured.Unstructured) (*changes.Change, error) {
	after, conflicts, err := d.apply(ctx, in, live, declared)
	refusals := refusalsOf(err)
	if len(refusals) > 0 && declared.GroupVersionKind().GroupKind() == secretKind {
		// The API server quotes values of a wrong type.
		refusals = []changes.Refusal{{Message: "the API server refuses it: kubectl apply says why, and may print its values"}}
	}
	if err != nil && len(refusals) == 0 {
		return nil, err
	}
	if err != nil {
		after = overlay(live, declared)
	}
	change := changes.New(live, after)
	change.Refused = refusals
	change.Dangers = append(change.Dangers, conflicts...)
	return change, nil
}

func (d dryRun) apply(ctx context.Context, in dynamic.ResourceInterface, live, declared *unstructured.Unstructured) (*unstructured.Unstructured, []changes.Danger, error) {
	if live == nil {
		after, err := in.Create(ctx, declared, metav1.CreateOptions{
			DryRun: []string{metav1.DryRunAll}, FieldManager: d.manager, FieldValidation: metav1.FieldValidationStrict,
		})
		return after, nil, err
	}
	manager := d.manager
	if !d.serverSide {
		manager = lastApplier(live)
	}
	if manager == clientSideManager {
		after, err := applyClientSide(ctx, in, live, declared)
		return after, nil, err
	}
	return applyServerSide(ctx, in, declared, manager)
}

// lastApplier is the manager that applied an object last. Its times are exact to the second; kubectl forgets the client-side
// manager when it applies on the server's side. A manager that took the object over without a change has no time: others applied before it.
func lastApplier(live *unstructured.Unstructured) string {
	applier, last := clientSideManager, metav1.Time{}
	for _, entry := range live.GetManagedFields() {
		if !applies(entry) && entry.Manager != clientSideManager || entry.Time == nil || entry.Time.Before(&last) {
			continue
		}
		if applies(entry) || entry.Time.After(last.Time) {
			applier, last = entry.Manager, *entry.Time
		}
	}
	unchanged := appliedUnchanged(live)
	if unchanged == kubectlManager && applier == clientSideManager && !last.IsZero() {
		return applier
	}
	return cmp.Or(unchanged, applier)
}

// isClientSide reports whether kubectl applies client-side, as it does what is new unless it is told otherwise.
func (d dryRun) isClientSide(live *unstructured.Unstructured) bool {
	return !d.serverSide && (live == nil || lastApplier(live) == clientSideManager)
}

// tooLarge finds an object for which the annotation has no room, in which kubectl notes what it applied. The dry run leaves it as it is.
func tooLarge(declared *unstructured.Unstructured) []changes.Danger {
	size := apitype.AppliedSize(declared.Object)
	if size <= apitype.AnnotationsLimit {
		return nil
	}
	return []changes.Danger{{Kind: "refused", Message: fmt.Sprintf(
		"its annotations would have %d bytes, with what kubectl notes in %s, and %d is the limit: apply it with --server-side", size, lastApplied, apitype.AnnotationsLimit)}}
}

// applies reports whether an entry is that of a manager that applies on the server's side.
func applies(entry metav1.ManagedFieldsEntry) bool {
	return entry.Operation == metav1.ManagedFieldsOperationApply && (entry.Manager == kubectlManager || takesOver(entry.Manager))
}

// appliedUnchanged is the manager without a time, or empty.
func appliedUnchanged(live *unstructured.Unstructured) string {
	found := ""
	for _, entry := range live.GetManagedFields() {
		if applies(entry) && entry.Time == nil && !takesOver(found) {
			found = entry.Manager
		}
	}
	return found
}

// takesOver reports whether a manager takes over fields that others have set.
func takesOver(manager string) bool { return manager == argoCDManager || manager == fluxManager }

// wasApplied reports whether an object was declared at some time, as opposed to one that people or controllers created.
func wasApplied(live *unstructured.Unstructured) bool {
	if _, noted := live.GetAnnotations()[lastApplied]; noted {
		return true
	}
	return slices.ContainsFunc(live.GetManagedFields(), func(entry metav1.ManagedFieldsEntry) bool {
		return entry.Operation == metav1.ManagedFieldsOperationApply
	})
}

// applyServerSide names the fields that others have set, and which kubectl would not take over.
func applyServerSide(ctx context.Context, in dynamic.ResourceInterface, declared *unstructured.Unstructured, manager string) (*unstructured.Unstructured, []changes.Danger, error) {
	options := metav1.ApplyOptions{
		DryRun: []string{metav1.DryRunAll}, FieldManager: manager, Force: takesOver(manager),
	}
	after, err := in.Apply(ctx, declared.GetName(), declared, options)
	if !apierrors.IsConflict(err) {
		return after, nil, err
	}
	var conflicts []changes.Danger
	for _, cause := range causesOf(err) {
		conflicts = append(conflicts, changes.Danger{
			Kind:    "conflict",
			Message: fmt.Sprintf("%s: %s: apply with --force-conflicts to take it over", strings.TrimPrefix(cause.Field, "."), cause.Message),
		})
	}
	options.Force = true
	after, err = in.Apply(ctx, declared.GetName(), declared, options)
	return after, conflicts, err
}

// applyClientSide does what kubectl apply does without --server-side: it calculates a patch from what was applied last.
func applyClientSide(ctx context.Context, in dynamic.ResourceInterface, live, declared *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	kind, patch, err := clientSidePatch(live, declared)
	if err != nil || string(patch) == "{}" {
		return live, err
	}
	options := metav1.PatchOptions{
		DryRun: []string{metav1.DryRunAll}, FieldManager: clientSideManager, FieldValidation: metav1.FieldValidationStrict,
	}
	return in.Patch(ctx, declared.GetName(), kind, patch, options)
}

func clientSidePatch(live, declared *unstructured.Unstructured) (types.PatchType, []byte, error) {
	former := []byte(live.GetAnnotations()[lastApplied])
	current, err := live.MarshalJSON()
	if err != nil {
		return "", nil, err
	}
	// kubectl applies the annotation as well, so that annotations that were never declared are not taken for removed ones.
	annotated := declared.DeepCopy()
	annotations := annotated.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[lastApplied] = string(former)
	annotated.SetAnnotations(annotations)
	wanted, err := annotated.MarshalJSON()
	if err != nil {
		return "", nil, err
	}
	typed, err := scheme.Scheme.New(declared.GroupVersionKind())
	if runtime.IsNotRegisteredError(err) {
		patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(former, wanted, current)
		return types.MergePatchType, patch, err
	}
	if err != nil {
		return "", nil, err
	}
	schema, err := strategicpatch.NewPatchMetaFromStruct(typed)
	if err != nil {
		return "", nil, err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(former, wanted, current, schema, true)
	return types.StrategicMergePatchType, patch, err
}

// refusalsOf are the reasons why an object is not accepted. Errors that are not about the object have none. An object that does not fit its
// schema is an internal error to the API server, as is one that a webhook cannot be asked about.
func refusalsOf(err error) []changes.Refusal {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || isDenied(err) {
		return nil
	}
	if !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err) && !apierrors.IsBadRequest(err) && !apierrors.IsInternalError(err) &&
		status.Status().Reason != metav1.StatusReasonUnknown {
		return nil
	}
	var refusals []changes.Refusal
	for _, cause := range causesOf(err) {
		refusals = append(refusals, changes.Refusal{Field: cause.Field, Message: cause.Message})
	}
	if len(refusals) == 0 {
		refusals = []changes.Refusal{{Message: err.Error()}}
	}
	return refusals
}

func causesOf(err error) []metav1.StatusCause {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	return status.Status().Details.Causes
}

// overlay puts the declared fields over those that are there.
func overlay(live, declared *unstructured.Unstructured) *unstructured.Unstructured {
	if live == nil {
		return declared
	}
	merged := live.DeepCopy()
	typed, err := scheme.Scheme.New(declared.GroupVersionKind())
	if err != nil {
		return declared
	}
	if fields, err := strategicpatch.StrategicMergeMapPatch(merged.Object, declared.DeepCopy().Object, typed); err == nil {
		merged.Object = fields
	}
	keepClaimDefaults(live, merged)
	return merged
}

// keepClaimDefaults gives the volume claim templates of a StatefulSet the fields that the API server has added to those of the same name. A
// strategic merge replaces this list, which has no key.
func keepClaimDefaults(live, merged *unstructured.Unstructured) {
	if merged.GroupVersionKind().GroupKind() != statefulSetKind {
		return
	}
	path := []string{"spec", "volumeClaimTemplates"}
	former, _, _ := unstructured.NestedSlice(live.Object, path...)
	current, _, _ := unstructured.NestedSlice(merged.Object, path...)
	for _, template := range current {
		wanted, _ := template.(map[string]any)
		for _, template := range former {
			if claim, _ := template.(map[string]any); nameOf(claim) == nameOf(wanted) {
				addMissing(wanted, claim)
			}
		}
	}
	if len(current) > 0 {
		_ = unstructured.SetNestedSlice(merged.Object, current, path...) // It was read from there.
	}
}

// addMissing adds the fields that only another map has.
func addMissing(to, from map[string]any) {
	for key, value := range from {
		inner, isMap := value.(map[string]any)
		existing, exists := to[key]
		if fields, _ := existing.(map[string]any); isMap && fields != nil {
			addMissing(fields, inner)
		} else if !exists {
			to[key] = value
		}
	}
}

func nameOf(fields map[string]any) string {
	return (&unstructured.Unstructured{Object: fields}).GetName()
}

// Prints the table of internal structs that API servers print in refusals: what `field.Error` shows of a value.
//
// A line: the type's group and name, then each field in Go's order: its name, `=json` where that is more than the name
// with a small first letter (`-` of a struct whose fields count as those of the type), `?` where it is left out when
// empty, and what it is.
package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"
	storagemigrationv1 "k8s.io/api/storagemigration/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/authorization"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/flowcontrol"
	"k8s.io/kubernetes/pkg/apis/networking"
	"k8s.io/kubernetes/pkg/apis/policy"
	"k8s.io/kubernetes/pkg/apis/storage"
	"k8s.io/kubernetes/pkg/apis/storagemigration"
)

// What the validation of the API server hands to field.Invalid, field.Duplicate and field.NotSupported.
var roots = [][2]any{
	{core.ClusterTrustBundleProjection{}, corev1.ClusterTrustBundleProjection{}},
	{core.NodeConfigSource{}, corev1.NodeConfigSource{}},
	{core.PersistentVolumeSource{}, corev1.PersistentVolumeSource{}},
	{core.ResourceRequirements{}, corev1.ResourceRequirements{}},
	{core.ScopeSelector{}, corev1.ScopeSelector{}},
	{core.SeccompProfile{}, corev1.SeccompProfile{}},
	{core.SecurityContext{}, corev1.SecurityContext{}},
	{core.VolumeNodeAffinity{}, corev1.VolumeNodeAffinity{}},
	{core.ContainerResizePolicy{}, corev1.ContainerResizePolicy{}},
	{core.LocalObjectReference{}, corev1.LocalObjectReference{}},
	{core.NodeAddress{}, corev1.NodeAddress{}},
	{core.PodResourceClaim{}, corev1.PodResourceClaim{}},
	{core.ServicePort{}, corev1.ServicePort{}},
	{core.EventSource{}, corev1.EventSource{}},
	{core.ObjectReference{}, corev1.ObjectReference{}},
	{core.Taint{}, corev1.Taint{}},
	{core.Toleration{}, corev1.Toleration{}},
	{apps.DaemonSetUpdateStrategy{}, appsv1.DaemonSetUpdateStrategy{}},
	{apps.DeploymentStrategy{}, appsv1.DeploymentStrategy{}},
	{apps.StatefulSetUpdateStrategy{}, appsv1.StatefulSetUpdateStrategy{}},
	{authorization.NonResourceAttributes{}, authorizationv1.NonResourceAttributes{}},
	{batch.SuccessPolicy{}, batchv1.SuccessPolicy{}},
	{flowcontrol.FlowDistinguisherMethod{}, flowcontrolv1.FlowDistinguisherMethod{}},
	{flowcontrol.FlowSchemaSpec{}, flowcontrolv1.FlowSchemaSpec{}},
	{flowcontrol.PriorityLevelConfigurationSpec{}, flowcontrolv1.PriorityLevelConfigurationSpec{}},
	{networking.IngressRule{}, networkingv1.IngressRule{}},
	{networking.ServiceCIDRSpec{}, networkingv1.ServiceCIDRSpec{}},
	{policy.PodDisruptionBudgetSpec{}, policyv1.PodDisruptionBudgetSpec{}},
	{apiextensions.CustomResourceDefinitionVersion{}, apiextensionsv1.CustomResourceDefinitionVersion{}},
	{apiextensions.ValidationRule{}, apiextensionsv1.ValidationRule{}},
	{storage.CSINodeDriver{}, storagev1.CSINodeDriver{}},
	{storagemigration.StorageVersionMigrationSpec{}, storagemigrationv1.StorageVersionMigrationSpec{}},
	{admissionregistration.AuditAnnotation{}, admissionregistrationv1.AuditAnnotation{}},
	{metav1.LabelSelector{}, metav1.LabelSelector{}},
	{metav1.OwnerReference{}, metav1.OwnerReference{}},
}

// Types that print themselves, and one that refers to itself.
var whole = map[string]bool{
	"intstr.IntOrString": true, "resource.Quantity": true, "v1.Time": true, "v1.MicroTime": true,
	"apiextensions.JSONSchemaProps": true, "v1.JSONSchemaProps": true,
}

var lines = map[string]string{}

func main() {
	for _, root := range roots {
		visit(reflect.TypeOf(root[0]), reflect.TypeOf(root[1]))
	}
	names := make([]string, 0, len(lines))
	for name := range lines {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println(lines[name])
	}
}

func visit(in, out reflect.Type) {
	for in.Kind() == reflect.Pointer || in.Kind() == reflect.Slice || in.Kind() == reflect.Map {
		in, out = in.Elem(), out.Elem()
	}
	if in.Kind() != reflect.Struct || whole[in.String()] {
		return
	}
	// Of Go's packages only `meta/v1` has another name than its API group.
	name := strings.Replace(in.String(), "v1.", "meta.", 1)
	if _, done := lines[name]; done {
		return
	}
	lines[name] = ""
	text := name
	for i := range in.NumField() {
		field := in.Field(i)
		peer, ok := out.FieldByName(field.Name)
		if !ok {
			peer, ok = out.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, field.Name) })
		}
		if !ok {
			continue
		}
		tag, options, _ := strings.Cut(peer.Tag.Get("json"), ",")
		text += " " + field.Name
		if field.Anonymous && tag == "" {
			text += "=-"
		} else if tag != strings.ToLower(field.Name[:1])+field.Name[1:] {
			text += "=" + tag
		}
		if field.Tag.Get("json") != "" && strings.Contains(options, "omitempty") {
			text += "?"
		}
		text += ":" + what(field.Type)
		visit(field.Type, peer.Type)
	}
	lines[name] = text
}

// A scalar by its kind, anything else by Go's name for it.
func what(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "s"
	case reflect.Bool:
		return "b"
	case reflect.Int32, reflect.Int64, reflect.Int, reflect.Float64:
		return "i"
	}
	return t.String()
}

# --- what is served

variable "name" {
  description = "Name of the fallback, in the name of every resource: 2 to 21 lower-case letters, digits and dashes, a letter first."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}[a-z0-9]$", var.name))
    error_message = "The name must be 2 to 21 lower-case letters, digits and dashes, begin with a letter and not end with a dash."
  }
}

variable "mode" {
  description = "How ready it stands by: cold (no instance), warm (stopped instances with image and weights on disk) or hot (hot_size serving)."
  type        = string
  default     = "cold"

  validation {
    condition     = contains(["cold", "warm", "hot"], var.mode)
    error_message = "The mode must be cold, warm or hot."
  }
}

variable "model" {
  description = "Name under which the model is served, such as meta-llama/Llama-3.3-70B-Instruct; also its folder in the bucket of weights."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$", var.model))
    error_message = "The model must be a name such as meta-llama/Llama-3.3-70B-Instruct."
  }
}

variable "weights_revision" {
  description = "Revision of the weights: a commit or a release, never a moving name such as main. They are read from weights/MODEL/REVISION/ of the bucket."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*$", var.weights_revision)) && !contains(["main", "master", "latest", "head"], lower(var.weights_revision))
    error_message = "The weights_revision must be a commit or a release: a moving name such as main serves other weights tomorrow."
  }
}

variable "image" {
  description = "Container image of vLLM, pinned by a digest or by a tag other than latest, such as vllm/vllm-openai:v0.11.0."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._:/-]*(@sha256:[0-9a-f]{64}|:[A-Za-z0-9_][A-Za-z0-9._-]*)$", var.image)) && !endswith(var.image, ":latest")
    error_message = "The image must be pinned by a digest (@sha256:...) or by a tag other than latest."
  }
}

variable "max_model_len" {
  description = "Longest context that is served, in tokens: 1024 to 1048576. It must fit in the memory of the GPUs: `llmops infra plan` computes it."
  type        = number
  default     = 8192

  validation {
    condition     = var.max_model_len >= 1024 && var.max_model_len <= 1048576 && floor(var.max_model_len) == var.max_model_len
    error_message = "The max_model_len must be a whole number of tokens from 1024 to 1048576."
  }
}

variable "vllm_args" {
  description = "More arguments of vLLM, one word an element, such as [\"--quantization\", \"fp8\"]."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for word in var.vllm_args : can(regex("^[A-Za-z0-9._/:=,+-]+$", word))])
    error_message = "Each of vllm_args must be one word of letters, digits and . _ / : = , + -."
  }

  validation {
    condition     = length(setintersection(toset([for word in var.vllm_args : split("=", word)[0]]), ["--api-key", "--host", "--port", "--model", "--served-model-name", "--tensor-parallel-size", "--max-model-len", "--middleware", "--ssl-keyfile", "--ssl-certfile"])) == 0
    error_message = "The vllm_args must not name what the module sets itself: key, host, port, model, served name, tensor parallelism, max_model_len, middleware, TLS."
  }
}

# --- on which machines

variable "instance_types" {
  description = "Instance types in order of preference, 1 to 40; each must hold the model: `llmops infra plan` lists those that do."
  type        = list(string)

  validation {
    condition     = length(var.instance_types) >= 1 && length(var.instance_types) <= 40 && length(distinct(var.instance_types)) == length(var.instance_types)
    error_message = "The instance_types must be 1 to 40 different types."
  }

  validation {
    condition     = alltrue([for type in var.instance_types : can(regex("^[a-z0-9-]+\\.[a-z0-9-]+$", type))])
    error_message = "Each of instance_types must look like g6e.12xlarge."
  }
}

variable "ami_id" {
  description = "Machine image with the NVIDIA driver, Docker with the NVIDIA runtime, and the AWS command line, such as a Deep Learning Base GPU AMI."
  type        = string

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.ami_id))
    error_message = "The ami_id must look like ami-0123456789abcdef0."
  }
}

variable "root_device_name" {
  description = "Name of the root volume in the machine image: /dev/xvda of Amazon Linux, /dev/sda1 of Ubuntu. A wrong one leaves the root small."
  type        = string
  default     = "/dev/xvda"

  validation {
    condition     = can(regex("^/dev/[a-z0-9]+$", var.root_device_name))
    error_message = "The root_device_name must look like /dev/xvda."
  }
}

variable "volume_size_gb" {
  description = "Size of the root volume in GB, which holds image and weights: 50 to 16384."
  type        = number
  default     = 300

  validation {
    condition     = var.volume_size_gb >= 50 && var.volume_size_gb <= 16384
    error_message = "The volume_size_gb must be from 50 to 16384."
  }
}

variable "volume_iops" {
  description = "Operations a second of the root volume: 3000 to 16000."
  type        = number
  default     = 6000

  validation {
    condition     = var.volume_iops >= 3000 && var.volume_iops <= 16000
    error_message = "The volume_iops must be from 3000 to 16000, the range of gp3."
  }
}

variable "volume_throughput_mib_s" {
  description = "Throughput of the root volume in MiB a second: 125 to 1000, and at most a quarter of volume_iops. It bounds how fast weights load."
  type        = number
  default     = 750

  validation {
    condition     = var.volume_throughput_mib_s >= 125 && var.volume_throughput_mib_s <= 1000
    error_message = "The volume_throughput_mib_s must be from 125 to 1000, the range of gp3."
  }
}

variable "capacity_reservation_id" {
  description = "On-demand capacity reservation to use first. Without one no capacity is guaranteed, least of all when everyone fails over."
  type        = string
  default     = null

  validation {
    condition     = var.capacity_reservation_id == null || can(regex("^cr-[0-9a-f]{8,17}$", var.capacity_reservation_id))
    error_message = "The capacity_reservation_id must look like cr-0123456789abcdef0."
  }
}

# --- how many

variable "max_size" {
  description = "Most instances at a time: 1 to 100."
  type        = number
  default     = 4

  validation {
    condition     = var.max_size >= 1 && var.max_size <= 100
    error_message = "The max_size must be from 1 to 100."
  }
}

variable "hot_size" {
  description = "Instances that serve all the time in mode hot: 1 to max_size."
  type        = number
  default     = 1

  validation {
    condition     = var.hot_size >= 1
    error_message = "The hot_size must be at least 1."
  }
}

variable "warm_size" {
  description = "Stopped instances that are kept ready in mode warm: 1 to max_size."
  type        = number
  default     = 1

  validation {
    condition     = var.warm_size >= 1
    error_message = "The warm_size must be at least 1."
  }
}

variable "on_demand_base" {
  description = "Instances that are never spot: 0 to 100. A mixed group does not replace spot that is missing by on-demand; in mode warm all are on-demand."
  type        = number
  default     = 1

  validation {
    condition     = var.on_demand_base >= 0 && var.on_demand_base <= 100
    error_message = "The on_demand_base must be from 0 to 100."
  }
}

variable "spot_percent" {
  description = "Share of spot among the instances above on_demand_base: 0 to 100. Spot is the first to go when everyone fails over."
  type        = number
  default     = 0

  validation {
    condition     = var.spot_percent >= 0 && var.spot_percent <= 100
    error_message = "The spot_percent must be from 0 to 100."
  }
}

variable "waiting_requests_target" {
  description = "Requests that wait per instance before another one is started: 1 to 1000."
  type        = number
  default     = 8

  validation {
    condition     = var.waiting_requests_target >= 1 && var.waiting_requests_target <= 1000
    error_message = "The waiting_requests_target must be from 1 to 1000."
  }
}

# --- how long a start may take

variable "expected_start_max_s" {
  description = "Upper bound of the time from launch to serving, in seconds: 300 to 5760. `llmops infra plan` computes it; a 27B model was measured at 966."
  type        = number
  default     = 1800

  validation {
    condition     = var.expected_start_max_s >= 300 && var.expected_start_max_s <= 5760
    error_message = "The expected_start_max_s must be from 300 to 5760 (a lifecycle hook waits for 7200 s at most, a quarter of it in reserve)."
  }
}

variable "start_timeout_s" {
  description = "Grace before an instance is judged and its launch hook expires, in seconds; by default expected_start_max_s and a quarter. Less than expected_start_max_s is refused: booting nodes would be replaced for ever."
  type        = number
  default     = null

  validation {
    condition     = var.start_timeout_s == null || try(var.start_timeout_s <= 7200, false)
    error_message = "The start_timeout_s must be at most 7200, the longest that a lifecycle hook waits."
  }
}

# --- where

variable "vpc_id" {
  description = "VPC to use; by default one is made."
  type        = string
  default     = null

  validation {
    condition     = var.vpc_id == null || can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "The vpc_id must look like vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Private subnets of vpc_id, best in several zones, each with a way out to AWS and to the registry of the image: `llmops infra up` checks them."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", id))]) && length(distinct(var.subnet_ids)) == length(var.subnet_ids)
    error_message = "The subnet_ids must be different ids such as subnet-0123456789abcdef0."
  }
}

variable "vpc_cidr" {
  description = "Range of the VPC that is made, /16 to /22."
  type        = string
  default     = "10.42.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 22, false)
    error_message = "The vpc_cidr must be a range from /16 to /22, such as 10.42.0.0/16."
  }
}

variable "availability_zones" {
  description = "Zones of the VPC that is made, 2 to 6; when one has no capacity the group tries the others."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.availability_zones) <= 6 && length(distinct(var.availability_zones)) == length(var.availability_zones)
    error_message = "The availability_zones must be at most 6 different zones."
  }
}

variable "egress" {
  description = "Way out of the private subnets of the VPC that is made: nat, or endpoints (AWS services only: the image must then be in ECR)."
  type        = string
  default     = "nat"

  validation {
    condition     = contains(["nat", "endpoints"], var.egress)
    error_message = "The egress must be nat or endpoints."
  }
}

variable "client_cidrs" {
  description = "Private ranges that may call the endpoint; by default that of the VPC that is made. Needed with vpc_id."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([for cidr in var.client_cidrs : can(cidrhost(cidr, 0)) && anytrue([
      for own in [["^10\\.", 8], ["^172\\.(1[6-9]|2[0-9]|3[01])\\.", 12], ["^192\\.168\\.", 16], ["^100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.", 10]] :
      can(regex(own[0], cidr)) && try(tonumber(split("/", cidr)[1]) >= own[1], false)
    ])])
    error_message = "The client_cidrs must be private ranges such as 10.0.0.0/8: the endpoint is never public."
  }
}

variable "certificate_arn" {
  description = "Certificate (ACM) of the name under which clients call the endpoint: the listener speaks TLS only."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$", var.certificate_arn))
    error_message = "The certificate_arn must be the ARN of an ACM certificate: the key of the API never travels in clear."
  }
}

variable "api_port" {
  description = "Port of vLLM on the instances: 1024 to 65535."
  type        = number
  default     = 8000

  validation {
    condition     = var.api_port >= 1024 && var.api_port <= 65535
    error_message = "The api_port must be from 1024 to 65535."
  }
}

# --- DNS failover, where wanted

variable "zone_id" {
  description = "Hosted zone for a failover record from primary_endpoint to the fallback; none by default."
  type        = string
  default     = null
}

variable "record_name" {
  description = "Name of the failover record; needed with zone_id, and the certificate must cover it."
  type        = string
  default     = null
}

variable "primary_endpoint" {
  description = "Host of the primary, such as a gateway of your own whose certificate covers record_name; needed with zone_id."
  type        = string
  default     = null
}

variable "primary_health_path" {
  description = "Path that answers 2xx over HTTPS while the primary is healthy."
  type        = string
  default     = "/health"

  validation {
    condition     = startswith(var.primary_health_path, "/")
    error_message = "The primary_health_path must start with a slash."
  }
}

# --- watching and keeping

variable "max_awake_hours" {
  description = "Hours awake after which an alarm rings, in modes cold and warm: 1 to 24."
  type        = number
  default     = 12

  validation {
    condition     = var.max_awake_hours >= 1 && var.max_awake_hours <= 24 && floor(var.max_awake_hours) == var.max_awake_hours
    error_message = "The max_awake_hours must be a whole number from 1 to 24."
  }
}

variable "log_days" {
  description = "Days that logs are kept; one of the values that CloudWatch knows, from 1 to 3653."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_days)
    error_message = "The log_days must be a number of days that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "alarm_email" {
  description = "Address that the alarms write to; none by default."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Whether `destroy` deletes the bucket although it holds weights."
  type        = bool
  default     = false
}

variable "tags" {
  description = "More tags of every resource; Name, Stack and ManagedBy are set by the module."
  type        = map(string)
  default     = {}
}

CREATE TABLE `logged_model_metrics` (
	`model_id` text NOT NULL,
	`run_id` text NOT NULL,
	`key` text NOT NULL,
	`value` real NOT NULL,
	`timestamp` integer NOT NULL,
	`step` integer NOT NULL,
	`is_nan` integer NOT NULL,
	`dataset_name` text DEFAULT '' NOT NULL,
	`dataset_digest` text DEFAULT '' NOT NULL,
	PRIMARY KEY(`model_id`, `key`, `dataset_name`, `dataset_digest`, `run_id`),
	FOREIGN KEY (`model_id`) REFERENCES `logged_models`(`model_id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`run_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `logged_model_metrics_by_run` ON `logged_model_metrics` (`run_id`);--> statement-breakpoint
CREATE TABLE `logged_model_params` (
	`model_id` text NOT NULL,
	`key` text NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`model_id`, `key`),
	FOREIGN KEY (`model_id`) REFERENCES `logged_models`(`model_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `logged_model_tags` (
	`model_id` text NOT NULL,
	`key` text NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`model_id`, `key`),
	FOREIGN KEY (`model_id`) REFERENCES `logged_models`(`model_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `logged_models` (
	`model_id` text PRIMARY KEY NOT NULL,
	`experiment_id` integer NOT NULL,
	`name` text NOT NULL,
	`artifact_uri` text NOT NULL,
	`creation_time` integer NOT NULL,
	`last_updated_time` integer NOT NULL,
	`status` text NOT NULL,
	`status_message` text,
	`model_type` text,
	`source_run_id` text,
	`lifecycle_stage` text DEFAULT 'active' NOT NULL,
	FOREIGN KEY (`experiment_id`) REFERENCES `experiments`(`experiment_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `logged_models_by_experiment` ON `logged_models` (`experiment_id`,`creation_time`);--> statement-breakpoint
CREATE INDEX `logged_models_by_run` ON `logged_models` (`source_run_id`);--> statement-breakpoint
CREATE TABLE `proxied_files` (
	`path` text PRIMARY KEY NOT NULL,
	`blob_hash` text NOT NULL,
	`size` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `proxied_files_by_blob` ON `proxied_files` (`blob_hash`);--> statement-breakpoint
CREATE TABLE `run_models` (
	`run_id` text NOT NULL,
	`model_id` text NOT NULL,
	`direction` text NOT NULL,
	`step` integer NOT NULL,
	PRIMARY KEY(`run_id`, `direction`, `model_id`),
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`run_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `model_versions` ADD `storage_location` text;--> statement-breakpoint
ALTER TABLE `model_versions` ADD `model_id` text;